/** The bundle as Lambda takes it: one zip, whose bytes depend on nothing but the files in it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { type Zippable, zipSync } from 'fflate'

/** A zip knows no time before 1980, and no time zone: this is what every file in it is dated. */
const modifiedAt = new Date(1980, 0, 1)

/** Readable by all, writable by the owner, as Unix says it; Lambda runs the function as another user than its owner. */
const unix = 3
const readable = 0o100644 * 0x10000

/** The files below a folder as one zip: sorted by name, each with the same date and permissions. */
export const zipOf = (folder: string): Uint8Array => {
  const files: Zippable = {}
  for (const name of filesBelow(folder)) {
    files[name] = [readFileSync(join(folder, name)), { level: 9, mtime: modifiedAt, os: unix, attrs: readable }]
  }
  return zipSync(files)
}

/** Writes the zip of a folder. */
export const writeZip = (folder: string, file: string): void => writeFileSync(file, zipOf(folder))

const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted()
