// The packages as a user gets them: packed, and unpacked side by side into a node_modules folder.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inject } from 'vitest'
import { packageFolders, repositoryRoot } from './repository.ts'

/** One packed package. */
export interface Packed {
  readonly name: string
  readonly tarball: string
  readonly unpackedFolder: string
  readonly manifest: Readonly<Record<string, unknown>>
}

/** A temporary folder with all packages, and what they depend on, in its node_modules. */
export interface PackedRepository {
  readonly folder: string
  readonly packages: ReadonlyArray<Packed>
  readonly remove: () => void
}

/** Packs every package of the repository. The caller removes what was made. */
export const packRepository = (): PackedRepository => {
  if (!inject('built')) throw new Error('the build fails: see "pnpm build"')
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-packed-'))
  packAll(folder)
  const packages = packageFolders().map((packageFolder) => unpack(packageFolder, folder))
  for (const packageFolder of packageFolders()) linkDependencies(packageFolder, folder)
  return { folder, packages, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Other people's packages, at the versions that are installed here. */
const linkDependencies = (packageFolder: string, folder: string): void => {
  const installed = join(repositoryRoot, 'packages', packageFolder, 'node_modules')
  if (!existsSync(installed)) return
  const names = readdirSync(installed).filter((name) => !name.startsWith('.') && name !== '@ecs-drain')
  for (const name of names) {
    const link = join(folder, 'node_modules', name)
    if (existsSync(link)) continue
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(realpathSync(join(installed, name)), link, 'junction')
  }
}

/** As the README says, into this folder. */
const packAll = (folder: string): void => {
  const readme = readFileSync(join(repositoryRoot, 'README.md'), 'utf8')
  const [, command] = /^npx (pnpm -r .* pack --pack-destination) .*$/m.exec(readme) ?? []
  if (command === undefined) throw new Error('the README has no command that packs the packages')
  execFileSync('sh', ['-c', `${command} "${folder}"`], { cwd: repositoryRoot, stdio: 'pipe' })
}

const unpack = (packageFolder: string, folder: string): Packed => {
  const { version } = JSON.parse(
    readFileSync(join(repositoryRoot, 'packages', packageFolder, 'package.json'), 'utf8'),
  ) as { readonly version: string }
  const tarball = join(folder, `ecs-drain-${packageFolder}-${version}.tgz`)
  const name = `@ecs-drain/${packageFolder}`
  const unpackedFolder = join(folder, 'node_modules', name)
  mkdirSync(unpackedFolder, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', unpackedFolder, '--strip-components=1'])
  const manifest = JSON.parse(readFileSync(join(unpackedFolder, 'package.json'), 'utf8'))
  return { name, tarball, unpackedFolder, manifest }
}
