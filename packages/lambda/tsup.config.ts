import { join } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import { notices } from './notices.config.ts'
import { writeZip } from './zip.config.ts'

/** Where the function is built to; a test builds it once more, elsewhere. */
const outFolder = process.env['ECS_DRAIN_BUNDLE_OUT'] ?? 'dist'

const library: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  // The build script empties dist: two builds write there.
  clean: false,
  sourcemap: true,
  target: 'node22',
  platform: 'node',
  // fp-ts and io-ts have no "exports": Node's ESM loader cannot import "fp-ts/Either". Bundle them.
  noExternal: [/^fp-ts(\/|$)/, /^io-ts(\/|$)/],
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main']
  },
}

/**
 * What is deployed: `index.handler`, minified, with everything in it. In several files, because most of the SDK (other ways to
 * find credentials, for one) is never loaded on Lambda, and what is not loaded need not be read.
 */
const bundle: Options = {
  entry: { index: 'src/function.ts' },
  outDir: join(outFolder, 'bundle'),
  format: ['esm'],
  outExtension: () => ({ js: '.mjs' }),
  clean: false,
  minify: true,
  splitting: true,
  target: 'node24',
  platform: 'node',
  noExternal: [/.*/],
  removeNodeProtocol: false,
  esbuildPlugins: [notices],
  esbuildOptions: (options) => {
    options.conditions = ['@ecs-drain/source', 'module', 'import', 'node']
    options.mainFields = ['module', 'main']
    options.legalComments = 'none'
    // Named by code of the SDK that only browsers run, and dropped from the bundle; its own file would stay behind.
    options.external = ['bowser']
  },
  onSuccess: async () => writeZip(join(outFolder, 'bundle'), join(outFolder, 'ecs-drain-lambda.zip')),
}

/** The commands to which `ecs-drain deploy` and `ecs-drain explain` hand over. */
const commands: Options = { ...library, entry: ['src/deploy.ts', 'src/explain.ts'], format: ['esm'], dts: false }

export default defineConfig(process.env['ECS_DRAIN_BUNDLE_OUT'] === undefined ? [library, commands, bundle] : [bundle])
