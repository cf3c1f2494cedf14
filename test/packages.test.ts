import { existsSync, readFileSync, statSync } from 'node:fs'
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
afterAll(() => packed.remove())

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

  test('carries its licence and no sources', () => {
    const { unpackedFolder, manifest } = packageNamed(name)
    expect(manifest['license']).toBe('Apache-2.0')
    expect(existsSync(join(unpackedFolder, 'LICENSE'))).toBe(true)
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

const arrayBufferOf = (file: string): ArrayBuffer => {
  const bytes = new Uint8Array(statSync(file).size)
  bytes.set(readFileSync(file))
  return bytes.buffer
}
