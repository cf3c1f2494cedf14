import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Packed, type PackedRepository, packRepository } from './support/packed.ts'
import { packageFolders, repositoryRoot } from './support/repository.ts'

const coreKilobytesMax = 60

let packed: PackedRepository
beforeAll(() => {
  packed = packRepository()
})
// Not there when the build failed.
afterAll(() => (packed as PackedRepository | undefined)?.remove())

const packageNamed = (name: string): Packed => {
  const found = packed.packages.find((each) => each.name === name)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return found
}

describe.each(packageFolders().map((folder) => `@ecs-drain/${folder}`))('%s as published', (name) => {
  test('publint has nothing to say', async () => {
    const { tarball, manifest } = packageNamed(name)
    const { messages } = await publint({ pack: { tarball: arrayBufferOf(tarball) }, strict: true })
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([])
  })

  test('its types are right for ESM, CommonJS and bundlers', async () => {
    const { tarball } = packageNamed(name)
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))))
    // node10 is the resolution from before export maps. No Node that we support uses it.
    const problems = result.types
      ? result.problems.filter((problem) => !('resolutionKind' in problem) || problem.resolutionKind !== 'node10')
      : ['no types at all']
    expect(problems).toEqual([])
  })

  test('carries its licence, its README and no sources', () => {
    const { unpackedFolder, manifest } = packageNamed(name)
    expect(manifest['license']).toBe('Apache-2.0')
    expect(existsSync(join(unpackedFolder, 'LICENSE'))).toBe(true)
    expect(existsSync(join(unpackedFolder, 'README.md'))).toBe(true)
    expect(JSON.stringify(manifest['exports'])).not.toContain('@ecs-drain/source')
    expect(JSON.stringify(manifest)).not.toContain('workspace:')
  })

  test('publishes the entries that the workspace uses', () => {
    const folder = name.slice('@ecs-drain/'.length)
    const local = JSON.parse(readFileSync(join(repositoryRoot, 'packages', folder, 'package.json'), 'utf8'))
    const withoutSource = JSON.parse(
      JSON.stringify(local.exports, (key, value) => (key === '@ecs-drain/source' ? undefined : value)),
    )
    expect(packageNamed(name).manifest['exports']).toEqual(withoutSource)
  })
})

describe.each(entriesByPackage())('%s', (specifier) => {
  const namesBy = (how: string, type: string): ReadonlyArray<string> => {
    const print = (module: string): string =>
      `console.log(JSON.stringify(Object.keys(${module}).filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort()))`
    const script = print(`${how}(${JSON.stringify(specifier)})`)
    const args = [`--input-type=${type}`, '--eval', script]
    return JSON.parse(execFileSync('node', args, { cwd: packed.folder, encoding: 'utf8' }))
  }

  test('offers the same names to import and to require', () => {
    const names = namesBy('await import', 'module')
    expect(names.length).toBeGreaterThan(0)
    expect(namesBy('require', 'commonjs')).toEqual(names)
  })
})

test('their types hold in a strict program, as ES modules and as CommonJS', () => {
  const specifiers = entriesByPackage()
  const program = specifiers.map((each, index) => `import * as m${index} from '${each}'\nvoid m${index}\n`).join('')
  const files = ['consumer.mts', 'consumer.cts']
  for (const file of files) writeFileSync(join(packed.folder, file), program)
  // No skipLibCheck: the declarations themselves are what is checked.
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    types: ['node'],
    typeRoots: [join(repositoryRoot, 'node_modules', '@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  }
  writeFileSync(join(packed.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { status, stdout } = spawnSync('tsc', ['-p', packed.folder], { encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(status).toBe(0)
})

test(`core's entry with everything it needs is at most ${coreKilobytesMax} KB, minified`, async () => {
  const { unpackedFolder } = packageNamed('@ecs-drain/core')
  const result = await build({
    entryPoints: [join(unpackedFolder, 'dist', 'index.js')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    logLevel: 'silent',
  })
  const [output] = result.outputFiles
  expect(output?.contents.byteLength).toBeGreaterThan(0)
  expect(output?.contents.byteLength).toBeLessThanOrEqual(coreKilobytesMax * 1024)
})

/** `@ecs-drain/core`, `@ecs-drain/core/testing`, ... */
function entriesByPackage(): ReadonlyArray<string> {
  return packageFolders().flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(join(repositoryRoot, 'packages', folder, 'package.json'), 'utf8'))
    return Object.keys(exports)
      .filter((entry) => entry !== './package.json')
      .map((entry) => `${name}${entry.slice(1)}`)
  })
}

const arrayBufferOf = (file: string): ArrayBuffer => {
  const bytes = new Uint8Array(statSync(file).size)
  bytes.set(readFileSync(file))
  return bytes.buffer
}
