// The packages as a user gets them: packed, and unpacked side by side into a node_modules folder.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageFolders, repositoryRoot } from './repository.ts'

/** One packed package. */
export interface Packed {
  readonly name: string
  readonly tarball: string
  readonly unpackedFolder: string
  readonly manifest: Readonly<Record<string, unknown>>
}

/** A temporary folder with all packages in its node_modules. */
export interface PackedRepository {
  readonly folder: string
  readonly packages: ReadonlyArray<Packed>
  readonly remove: () => void
}

/** Packs every package of the repository. The caller removes what was made. */
export const packRepository = (): PackedRepository => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-packed-'))
  const packages = packageFolders().map((packageFolder) => pack(packageFolder, folder))
  return { folder, packages, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

const pack = (packageFolder: string, folder: string): Packed => {
  const source = join(repositoryRoot, 'packages', packageFolder)
  const tarball = join(folder, `${packageFolder}.tgz`)
  execFileSync('pnpm', ['pack', '--out', tarball], { cwd: source, stdio: 'pipe' })
  const name = `@ecs-drain/${packageFolder}`
  const unpackedFolder = join(folder, 'node_modules', name)
  mkdirSync(unpackedFolder, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', unpackedFolder, '--strip-components=1'])
  const manifest = JSON.parse(readFileSync(join(unpackedFolder, 'package.json'), 'utf8'))
  return { name, tarball, unpackedFolder, manifest }
}
