// Applies the table in dependency-rules.ts to the sources. Each failure is one line: file, line, what, and why not.
import { describe, expect, test } from 'vitest'
import {
  awsSdkPackage,
  awsSdkUsers,
  type BannedUse,
  bannedInCore,
  bannedInSimulatorMiddle,
  coreExceptions,
  coreFolders,
  coreRoot,
  entriesWithoutNode,
  type FolderRule,
  fpTsModules,
  simulatorPureFolders,
  simulatorPurePackages,
  workspaceImports,
} from './dependency-rules.ts'
import { packageFolders } from './support/repository.ts'
import {
  entriesOf,
  parseSourceFile,
  reachableFrom,
  type SourceFile,
  sourcesOf,
  targetOf,
} from './support/source-file.ts'

describe('core', () => {
  const sources = sourcesOf('core')

  test('has a rule for each of its folders', () => {
    const folders = new Set(sources.map(folderOf).filter((folder) => folder !== ''))
    expect([...folders].filter((folder) => !Object.hasOwn(coreFolders, folder))).toEqual([])
  })

  test.each(['', ...Object.keys(coreFolders)])('src/%s imports only what its rule allows', (folder) => {
    const rule = folder === '' ? coreRoot : coreFolders[folder]
    const files = sources.filter((source) => folderOf(source) === folder)
    expect(files.flatMap((file) => brokenImports(file, rule as FolderRule))).toEqual([])
  })

  test('uses no clock, no chance and no platform', () => {
    expect(sources.flatMap((source) => bannedUses(source, bannedInCore))).toEqual([])
  })
})

describe('simulator', () => {
  const middle = sourcesOf('simulator').filter((source) => simulatorPureFolders.includes(folderOf(source)))

  test('imports core alone in its kernel and world', () => {
    const isAllowed = (specifier: string): boolean =>
      specifier.startsWith('.') || simulatorPurePackages.includes(specifier)
    const broken = middle.flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => !isAllowed(specifier))
        .map(({ line, specifier }) => `${path}:${line}: ${specifier}`),
    )
    expect(broken).toEqual([])
  })

  test('computes the same on every machine in its kernel and world', () => {
    expect(middle.flatMap((source) => bannedUses(source, bannedInSimulatorMiddle))).toEqual([])
  })
})

test.each(Object.entries(entriesWithoutNode))('%s runs without Node', (packageFolder, names) => {
  const sources = sourcesOf(packageFolder)
  const reached = reachableFrom(entriesOf(packageFolder, names), sources)
  const broken = sources
    .filter((source) => reached.has(source.path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => specifier.startsWith('node:'))
        .map(({ line, specifier }) => `${path}:${line}: ${specifier}`),
    )
  expect(broken).toEqual([])
})

test.each(packageFolders())('%s uses the few modules of fp-ts that a reader has to know', (packageFolder) => {
  const broken = sourcesOf(packageFolder).flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier }) => /^fp-ts(\/|$)/.test(specifier) && !fpTsModules.includes(specifier))
      .map(({ line, specifier }) => `${path}:${line}: ${specifier}`),
  )
  expect(broken).toEqual([])
})

test.each(packageFolders())('%s imports only the packages of ours that its row allows', (packageFolder) => {
  const allowed = [packageFolder, ...(workspaceImports[packageFolder] ?? [])].map((name) => `@ecs-drain/${name}`)
  const ofOurs = (specifier: string): string => specifier.split('/').slice(0, 2).join('/')
  const broken = importsOf(packageFolder, /^@ecs-drain\//).filter(
    ({ specifier }) => !allowed.includes(ofOurs(specifier)),
  )
  expect(broken).toEqual([])
})

test.each(packageFolders().filter((folder) => !awsSdkUsers.includes(folder)))(
  '%s knows no AWS SDK',
  (packageFolder) => {
    expect(importsOf(packageFolder, awsSdkPackage)).toEqual([])
  },
)

test('the AWS SDK is imported at all, so that its rule is about something', () => {
  expect(importsOf('aws-adapter', awsSdkPackage).length).toBeGreaterThan(0)
})

describe('the rules themselves', () => {
  const drain = coreFolders['drain'] as FolderRule
  const inDrain = (text: string): SourceFile => parseSourceFile('packages/core/src/drain/decide.ts', text)

  test.each([
    `import { x } from '../envelope/notice.ts'`,
    `import type { X } from '../envelope/notice.ts'`,
    `export { x } from '../envelope/notice.ts'`,
    `const x = await import('../envelope/notice.ts')`,
    `type X = import('../envelope/notice.ts').X`,
    `import * as E from 'fp-ts/Either'`,
    `import fs from 'node:fs'`,
    `import { x } from '../../../simulator/src/index.ts'`,
  ])('refuse %s in drain', (text) => {
    expect(brokenImports(inDrain(text), drain)).toHaveLength(1)
  })

  test('know a type from a value', () => {
    const port = coreFolders['port'] as FolderRule
    const inPort = (text: string): SourceFile => parseSourceFile('packages/core/src/port/cluster.ts', text)
    expect(brokenImports(inPort(`import type { TaskEither } from 'fp-ts/TaskEither'`), port)).toEqual([])
    expect(brokenImports(inPort(`import { type TaskEither } from 'fp-ts/TaskEither'`), port)).toEqual([])
    expect(brokenImports(inPort(`import * as TE from 'fp-ts/TaskEither'`), port)).toHaveLength(1)
  })

  test.each([
    ['Date.now()', bannedInCore],
    ['new Date()', bannedInCore],
    ['Math.random()', bannedInCore],
    ['console.log(1)', bannedInCore],
    ['const later = setTimeout', bannedInCore],
    ['new Date(0)', bannedInSimulatorMiddle],
    ['Math.log(2)', bannedInSimulatorMiddle],
    ['2 ** x', bannedInSimulatorMiddle],
    ['const f = async () => 1', bannedInSimulatorMiddle],
    ['a.localeCompare(b)', bannedInSimulatorMiddle],
  ])('see %s', (text, banned) => {
    expect(bannedUses(inDrain(text), banned)).toHaveLength(1)
  })

  test.each([
    'new Date(0).toISOString()',
    'Math.floor(x)',
    '// console.log, Date.now()',
    `const text = 'Date.now()'`,
    'const x = { process: 1 }',
    'interface A { readonly process: string }',
  ])('let %s pass', (text) => {
    expect(bannedUses(inDrain(text), bannedInCore)).toEqual([])
  })
})

function importsOf(packageFolder: string, pattern: RegExp) {
  return sourcesOf(packageFolder).flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier }) => pattern.test(specifier))
      .map(({ line, specifier }) => ({ at: `${path}:${line}`, specifier })),
  )
}

/** The folder below src/, or '' for a file in src/ itself. */
function folderOf({ path }: Pick<SourceFile, 'path'>): string {
  const [, , , ...below] = path.split('/')
  return below.length > 1 ? (below[0] ?? '') : ''
}

function brokenImports(file: SourceFile, rule: FolderRule): ReadonlyArray<string> {
  const own = folderOf(file)
  const exceptions = coreExceptions[file.path.slice('packages/core/src/'.length)] ?? []
  const isAllowed = (specifier: string, typeOnly: boolean): boolean => {
    const target = targetOf(file.path, specifier)
    if (target === undefined) {
      const ofPackages = [...rule.packages, ...exceptions, ...(typeOnly ? (rule.typesOf ?? []) : [])]
      return ofPackages.includes(specifier)
    }
    const folder = folderOf({ path: target })
    return (
      target.startsWith('packages/core/src/') && (folder === own || [...rule.folders, ...exceptions].includes(folder))
    )
  }
  return file.imports
    .filter(({ specifier, typeOnly }) => !isAllowed(specifier, typeOnly))
    .map(({ line, specifier, typeOnly }) => {
      const what = typeOnly ? 'a type of' : 'a value of'
      return `${file.path}:${line}: ${own === '' ? 'src' : own}/ may not import ${what} ${specifier}`
    })
}

function bannedUses(file: SourceFile, banned: ReadonlyArray<BannedUse>): ReadonlyArray<string> {
  const found = file.uses.flatMap(({ name, line }) => {
    const rule = banned.find(({ uses }) => uses.test(name))
    return rule === undefined ? [] : [{ name, line, rule }]
  })
  // `console.log` is found as itself and as `console`: the longer name, which comes first, is enough.
  return found
    .filter(({ line, rule }, index) => found.findIndex((each) => each.line === line && each.rule === rule) === index)
    .map(({ name, line, rule }) => `${file.path}:${line}: ${name}: ${rule.instead}`)
}
