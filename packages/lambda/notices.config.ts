/** Whose code is in the bundle, and under which terms: their licences want to travel with it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import type { Metafile, Plugin } from 'esbuild'

interface Notice {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly text: string
}

const fileName = 'THIRD-PARTY-NOTICES.txt'

/** Writes the notices beside what was bundled. */
export const notices: Plugin = {
  name: 'notices',
  setup: (building) => {
    building.onEnd(({ metafile }) => {
      const folder = building.initialOptions.outdir
      if (metafile === undefined || folder === undefined)
        throw new Error('notices: no metafile, or no folder to write to')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, fileName), textOf(noticesOf(metafile)))
    })
  },
}

/** Everything of which at least one byte is in an output, but for what is our own. */
const noticesOf = ({ outputs }: Metafile): ReadonlyArray<Notice> => {
  const folders = new Set<string>()
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const file = resolve(path)
      if (bytesInOutput > 0 && file.includes(`${sep}node_modules${sep}`))
        folders.add(packageFolderOf(realpathSync(file)))
    }
  }
  return [...folders].map(noticeOf).toSorted((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1))
}

/** The nearest folder above whose manifest has a name and a version; others only say how to load the files below. */
const packageFolderOf = (file: string): string => {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'package.json')
    if (!existsSync(path)) continue
    const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly name?: string
      readonly version?: string
    }
    if (name !== undefined && version !== undefined) return folder
  }
  throw new Error(`notices: no package holds ${file}`)
}

const noticeOf = (folder: string): Notice => {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Omit<Notice, 'text'>
  const licence = readdirSync(folder)
    .toSorted()
    .find((name) => /^licen[cs]e(\.|$)/i.test(name))
  const text = licence === undefined ? '' : readFileSync(join(folder, licence), 'utf8').replaceAll('\r\n', '\n').trim()
  return { name: manifest.name, version: manifest.version, license: manifest.license, text }
}

/** A list first, a line each; then every text once, with the names of those that have it. */
const textOf = (all: ReadonlyArray<Notice>): string => {
  const line = ({ name, version, license }: Notice): string => `${name} ${version}: ${license}`
  const texts = [...new Set(all.map(({ text }) => text))].filter((text) => text !== '')
  const sections = texts.map((text) => {
    const names = all.filter((each) => each.text === text).map(({ name, version }) => `${name} ${version}`)
    return `${names.join('\n')}\n\n${text}\n`
  })
  const rule = '-'.repeat(80)
  return [`In this bundle:\n\n${all.map(line).join('\n')}\n`, ...sections].join(`\n${rule}\n\n`)
}
