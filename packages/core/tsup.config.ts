import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', testing: 'src/testing/index.ts' },
  format: ['esm', 'cjs'],
  dts: true,
  // What io-ts makes when it is loaded, and nobody here uses, is left out: esbuild keeps it.
  treeshake: 'smallest',
  clean: true,
  sourcemap: true,
  splitting: true,
  target: 'es2023',
  platform: 'neutral',
  // fp-ts and io-ts have no "exports": Node's ESM loader cannot import "fp-ts/Either". Bundle their JavaScript;
  // they stay dependencies because our declarations refer to theirs.
  noExternal: [/^fp-ts(\/|$)/, /^io-ts(\/|$)/],
  esbuildOptions: (options) => {
    // Their ES modules, which can be tree-shaken; "neutral" has no main fields of its own.
    options.mainFields = ['module', 'main']
  },
})
