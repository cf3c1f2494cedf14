import { defineConfig, type Options } from 'tsup'
import { rawText } from './raw-text.config.ts'

const common: Options = {
  // The build script empties dist: two builds write there.
  clean: false,
  sourcemap: true,
  target: 'node22',
  platform: 'node',
  // node:sqlite exists only with its prefix.
  removeNodeProtocol: false,
  // fp-ts and io-ts have no "exports": Node's ESM loader cannot import "fp-ts/Either". Bundle them.
  noExternal: [/^fp-ts(\/|$)/, /^io-ts(\/|$)/],
  esbuildPlugins: [rawText],
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main']
  },
}

export default defineConfig([
  {
    ...common,
    entry: ['src/endpoint.ts', 'src/index.ts', 'src/sqlite.ts', 'src/testing.ts'],
    format: ['esm', 'cjs'],
    splitting: true,
    dts: true,
  },
  { ...common, entry: ['src/main.ts'], format: ['esm'], splitting: true },
])
