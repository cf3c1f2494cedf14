import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { whyNotWritable, writeWhole } from '../../src/cli/write-whole.ts'

/** Writes a file and interrupts itself in the middle of it. */
const interrupted = (file: string) => `
  import { readFile } from 'node:fs'
  import { writeWhole } from '${new URL('../../src/cli/write-whole.ts', import.meta.url).href}'
  function* chunks() {
    yield 'a'
    process.kill(process.pid, 'SIGINT')
    yield 'b'
  }
  const write = () => writeWhole(${JSON.stringify(file)}, chunks()).then(() => console.log('nobody was interrupted'))
  const begin = { main: write, timer: () => setTimeout(write, 1), poll: () => readFile('.', write), check: () => setImmediate(write) }
  begin[process.argv[1]]()
`

// The phases of Node's event loop.
test.each(['main', 'timer', 'poll', 'check'])('a signal that comes while a file is written is heard: %s', (phase) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-write-'))
  try {
    const file = join(folder, 'file')
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', interrupted(file), phase])
    expect([status, stdout.toString(), readFileSync(file, 'utf8')]).toEqual([130, '', 'ab'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('no name is no file', () => {
  expect(whyNotWritable('')).toBe('expected a file name')
})

test('a name may be as long as names may be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-write-'))
  try {
    const file = join(folder, 'n'.repeat(255))
    expect(whyNotWritable(file)).toBe(null)
    await writeWhole(file, ['a', 'b'])
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['ab', ['n'.repeat(255)]])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Where files may be no longer than a block. */
const tooLong = (file: string) => `
  import { writeWhole } from '${new URL('../../src/cli/write-whole.ts', import.meta.url).href}'
  await writeWhole(${JSON.stringify(file)}, ['a'.repeat(10_000)]).catch(({ message }) => console.log(message))
`

test.runIf(process.platform === 'linux')('a disk that has no room for a file is told with its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-write-'))
  try {
    const file = join(folder, 'file')
    const limited = ['-c', 'ulimit -f 1; "$@"', 'sh', process.execPath, '--input-type=module', '-e', tooLong(file)]
    const { stdout } = spawnSync('sh', limited)
    expect(stdout.toString()).toBe(`${file} cannot be written: EFBIG: file too large, write\n`)
    expect(readdirSync(folder)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
