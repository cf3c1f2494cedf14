import { readFile } from 'node:fs/promises'
import { defineConfig, type Options } from 'tsup'

/**
 * When io-ts is loaded it makes thirty classes and their codecs, most of which nobody here uses. A bundler leaves those out only
 * where it is told that making one changes nothing else.
 */
const withoutSideEffects: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'without-side-effects',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]io-ts[\\/]es6[\\/]index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const contents = source.replaceAll(/^(export )?var \w+ = /gm, '$&/* @__PURE__ */ ')
      if (contents === source) throw new Error(`${path}: nothing in it looks as it did; core would be 4 KB larger`)
      return { contents }
    })
  },
}

export default defineConfig({
  entry: { index: 'src/index.ts', testing: 'src/testing/index.ts' },
  format: ['esm', 'cjs'],
  dts: true,
  // Of what may be left out esbuild keeps some all the same.
  treeshake: 'smallest',
  clean: true,
  sourcemap: true,
  splitting: true,
  target: 'es2023',
  platform: 'neutral',
  // fp-ts and io-ts have no "exports": Node's ESM loader cannot import "fp-ts/Either". Bundle their JavaScript;
  // they stay dependencies because our declarations refer to theirs.
  noExternal: [/^fp-ts(\/|$)/, /^io-ts(\/|$)/],
  esbuildPlugins: [withoutSideEffects],
  esbuildOptions: (options) => {
    // Their ES modules, which can be tree-shaken; "neutral" has no main fields of its own.
    options.mainFields = ['module', 'main']
  },
})
