// Style that matters is a test.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { entries } from './dependency-rules.ts'
import { packageFolders, repositoryRoot, typeScriptFilesBelow } from './support/repository.ts'
import { entriesOf, reachableFrom, sourcesOf } from './support/source-file.ts'

const lineLengthMax = 140

// Names that say nothing: name the file after the noun in it.
const emptyWords = ['util', 'utils', 'common', 'helper', 'helpers', 'manager', 'managers']

// In core a "service" is one of these as well. In the simulator it is a noun of ECS.
const emptyWordsOf = (packageFolder: string): ReadonlyArray<string> =>
  packageFolder === 'simulator' ? emptyWords : [...emptyWords, 'service', 'services']

describe.each(packageFolders())('%s', (packageFolder) => {
  const sources = sourcesOf(packageFolder)

  test('exports name by name, never *', () => {
    const wholesale = sources.flatMap(({ path, imports }) =>
      imports.filter((each) => each.wholesale).map(({ line, specifier }) => `${path}:${line}: ${specifier}`),
    )
    expect(wholesale).toEqual([])
  })

  test('has no file that nothing imports', () => {
    const reached = reachableFrom(entriesOf(packageFolder, entries[packageFolder] ?? []), sources)
    expect(sources.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
  })

  test('names its files after what is in them', () => {
    const words = emptyWordsOf(packageFolder)
    const empty = typeScriptFilesBelow(`packages/${packageFolder}`).filter((path) =>
      basename(path)
        .split(/[-._]/)
        .some((word) => words.includes(word)),
    )
    expect(empty).toEqual([])
  })

  test(`has no line of more than ${lineLengthMax} characters`, () => {
    const long = typeScriptFilesBelow(`packages/${packageFolder}`).flatMap((path) =>
      readFileSync(join(repositoryRoot, path), 'utf8')
        .split('\n')
        .flatMap((line, index) => (line.length > lineLengthMax ? [`${path}:${index + 1}: ${line.length}`] : [])),
    )
    expect(long).toEqual([])
  })
})
