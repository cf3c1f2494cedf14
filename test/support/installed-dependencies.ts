// What people install with our packages, and what is inside of what we build: other people's code, and its terms.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageFolders, repositoryRoot } from './repository.ts'

/** One version of somebody's package. */
export interface Dependency {
  readonly name: string
  readonly version: string
  /** As its manifest says, an SPDX expression; empty where it says nothing. */
  readonly license: string
  /** Our packages that need it, directly or not. */
  readonly neededBy: ReadonlyArray<string>
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Where a package finds another: in a node_modules folder beside or above it, as Node looks. */
const folderOf = (name: string, from: string): string | null => {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(found)) return realpathSync(found)
  }
  return null
}

/** Everything that one of our packages needs in production, however far away, by folder. Our own are looked through. */
const neededBy = (packageFolder: string): ReadonlySet<string> => {
  const found = new Set<string>()
  const waiting = [join(repositoryRoot, 'packages', packageFolder)]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (found.has(folder)) continue
    found.add(folder)
    const { name, dependencies = {}, optionalDependencies = {} } = manifestIn(folder)
    for (const needed of Object.keys(dependencies)) {
      const next = folderOf(needed, folder)
      if (next === null) throw new Error(`${name} needs ${needed}, which is not installed`)
      waiting.push(next)
    }
    for (const wanted of Object.keys(optionalDependencies)) {
      const next = folderOf(wanted, folder)
      if (next !== null) waiting.push(next)
    }
  }
  return found
}

const isOurs = ({ name }: Pick<Dependency, 'name'>): boolean => name.startsWith('@ecs-drain/')

/** All of other people's packages that ours need in production, as they are installed here. */
export const productionDependencies = (): ReadonlyArray<Dependency> => {
  const needing = new Map<string, Array<string>>()
  for (const packageFolder of packageFolders()) {
    for (const folder of neededBy(packageFolder)) needing.set(folder, [...(needing.get(folder) ?? []), packageFolder])
  }
  const all = [...needing].map(([folder, names]): Dependency => {
    const { name, version, license } = manifestIn(folder)
    return { name, version, license: typeof license === 'string' ? license : '', neededBy: names.toSorted() }
  })
  return all.filter((each) => !isOurs(each)).toSorted(byName)
}

const byName = (a: Dependency, b: Dependency): number => (keyOf(a) < keyOf(b) ? -1 : 1)

/** Name and version, which together name one package of the registry. */
export const keyOf = ({ name, version }: Pick<Dependency, 'name' | 'version'>): string => `${name} ${version}`

/** The list at the head of the bundle's notices, which the build makes of what is in it. */
export const bundledInLambda = (): ReadonlySet<string> => {
  const file = join(repositoryRoot, 'packages', 'lambda', 'dist', 'bundle', 'THIRD-PARTY-NOTICES.txt')
  const [, list = ''] = readFileSync(file, 'utf8').split('\n\n')
  return new Set(list.split('\n').map((line) => line.slice(0, line.indexOf(': '))))
}

/**
 * Terms under which code may be used, changed and passed on in a product of one's own with a notice and no more. A package
 * under other terms may be fine as well: then a person says so, here.
 */
export const allowedLicences: ReadonlyArray<string> = [
  ...[
    'Apache-2.0',
    'MIT',
    'MIT-0',
    'ISC',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'BlueOak-1.0.0',
    'CC0-1.0',
    'Unlicense',
  ],
]

/** Those whose terms nobody has agreed to. An expression with OR leaves the choice; one with AND leaves none. */
export const notAllowed = (dependencies: ReadonlyArray<Dependency>): ReadonlyArray<string> =>
  dependencies
    .filter(({ license }) => !isAllowed(license))
    .map((each) => `${keyOf(each)}: ${each.license === '' ? 'says nothing' : each.license}`)

const isAllowed = (expression: string): boolean =>
  expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => allowedLicences.includes(licence)))
