/** Files appear whole or not at all. */
import { randomUUID } from 'node:crypto'
import { accessSync, closeSync, constants, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { exitCodes } from './exit-codes.ts'

/**
 * Writes beside the file and then puts it in its place. A signal that arrives meanwhile waits until that is done,
 * and then ends the process as it would have.
 */
export const writeWhole = async (file: string, chunks: Iterable<string>): Promise<void> => {
  const target = resolve(file)
  const beside = join(dirname(target), `.ecs-drain-${randomUUID()}.part`)
  let signal: 'SIGINT' | 'SIGTERM' | undefined
  const remember = (received: NodeJS.Signals): void => {
    signal = received === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'
  }
  process.on('SIGINT', remember)
  process.on('SIGTERM', remember)
  try {
    writeAndRename(beside, target, chunks)
    // In these turns of the event loop a signal that came during the writing is delivered: the first may be over but for its end.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((done) => setImmediate(done))
  } finally {
    process.off('SIGINT', remember)
    process.off('SIGTERM', remember)
  }
  if (signal !== undefined) process.exit(signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated)
}

const writeAndRename = (beside: string, target: string, chunks: Iterable<string>): void => {
  try {
    const descriptor = openSync(beside, 'wx', 0o666)
    try {
      for (const chunk of inParts(chunks)) writeAll(descriptor, chunk, target)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

const writeAll = (descriptor: number, text: string, file: string): void => {
  const bytes = Buffer.from(text, 'utf8')
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
  } catch (error) {
    // It knows the number of the file alone.
    throw new Error(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const partLength = 1 << 20

/** Joins small chunks: a system call for each line of a trace would take longer than making it. */
function* inParts(chunks: Iterable<string>): Iterable<string> {
  let part = ''
  for (const chunk of chunks) {
    part += chunk
    if (part.length < partLength) continue
    yield part
    part = ''
  }
  yield part
}

/** Why a file cannot be written there; null when it can. Asked before anything runs, so that no run is in vain. */
export const whyNotWritable = (file: string): string | null => {
  if (file === '') return 'expected a file name'
  const target = resolve(file)
  const folder = dirname(target)
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return `there is no folder ${folder}`
    const there = statSync(target, { throwIfNoEntry: false })
    if (there?.isDirectory() === true) return `${target} is a folder`
    // What is renamed onto a pipe or a device would replace it.
    if (there !== undefined && !there.isFile()) return `${target} is not a regular file`
  } catch (error) {
    // A folder that nobody may enter, a name that is too long.
    return error instanceof Error ? error.message : String(error)
  }
  try {
    accessSync(folder, constants.W_OK)
    return null
  } catch {
    return `the folder ${folder} cannot be written to`
  }
}
