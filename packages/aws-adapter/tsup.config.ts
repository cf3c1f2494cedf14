import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'node22',
  platform: 'node',
  // fp-ts and io-ts have no "exports": Node's ESM loader cannot import "fp-ts/Either". Bundle them.
  noExternal: [/^fp-ts(\/|$)/, /^io-ts(\/|$)/],
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main']
  },
})
