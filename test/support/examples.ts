// The TypeScript of a page, as its readers will type and run it.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { repositoryRoot } from './repository.ts'

/** What examples import as `./my-cluster.ts` is the file of that name in this folder. */
const folder = join(repositoryRoot, 'test', 'fixtures', 'readme')
const fpTsFolder = join(repositoryRoot, 'packages', 'core', 'node_modules')

/** Inside the repository, so that the built packages are found; out of sight of every tool. */
const cacheFolder = (): string => {
  const parent = join(repositoryRoot, 'node_modules', '.cache')
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'documentation-'))
}

/** The lines that an example prints. Only fp-ts is bundled, which Node cannot import by the names that bundlers know. */
export const linesPrintedBy = async (source: string): Promise<ReadonlyArray<string>> => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'ts', sourcefile: 'example.ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    nodePaths: [fpTsFolder],
    mainFields: ['module', 'main'],
    external: ['@ecs-drain/*', 'fast-check'],
    logLevel: 'silent',
  })
  const cache = cacheFolder()
  try {
    const file = join(cache, 'example.mjs')
    writeFileSync(file, outputFiles[0]?.text ?? '')
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return stdout.trimEnd().split('\n')
  } finally {
    rmSync(cache, { recursive: true })
  }
}

/** What a strict compiler has to say about examples; empty when nothing. */
export const typeErrorsIn = (sources: ReadonlyMap<string, string>): string => {
  const cache = cacheFolder()
  try {
    for (const [name, source] of sources) writeFileSync(join(cache, name), source)
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(cache, name))
    const config = {
      extends: join(repositoryRoot, 'tsconfig.base.json'),
      compilerOptions: { types: ['node'], paths: { 'fp-ts/*': [join(fpTsFolder, 'fp-ts', '*')] } },
      files: [...sources.keys()],
    }
    writeFileSync(join(cache, 'tsconfig.json'), JSON.stringify(config))
    const { stdout, error } = spawnSync('tsc', ['-p', cache], { encoding: 'utf8', shell: process.platform === 'win32' })
    return error === undefined ? stdout : error.message
  } finally {
    rmSync(cache, { recursive: true })
  }
}
