/** For esbuild what Vite does by itself: `import text from './some.yaml?raw'` gives the file as text. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Options } from 'tsup'

/** The built-in scenarios become part of the build by this. */
export const rawText: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'raw-text',
  setup: (build) => {
    build.onResolve({ filter: /\.yaml\?raw$/ }, ({ path, importer }) => ({
      path: join(dirname(importer), path.slice(0, -'?raw'.length)),
      namespace: 'raw-text',
    }))
    build.onLoad({ filter: /.*/, namespace: 'raw-text' }, async ({ path }) => ({
      contents: await readFile(path, 'utf8'),
      loader: 'text',
      watchFiles: [path],
    }))
  },
}
