import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { streamOf } from '@ecs-drain/core'
import { instanceNumber, taskNumber } from '@ecs-drain/core/testing'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'
import type { Work } from './writer.ts'

const { newFile, open } = temporaryFolder()

const writers = [1, 2, 3, 4, 5, 6, 7, 8]
const commits = 10

/** Node runs the sources, but not fp-ts's, so the writer is bundled first. */
const bundledWriter = async (path: string): Promise<string> => {
  const outfile = join(dirname(path), 'writer.mjs')
  const entry = fileURLToPath(new URL('writer.ts', import.meta.url))
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@ecs-drain/source'],
    mainFields: ['module', 'main'],
    logLevel: 'silent',
  })
  return outfile
}

const run = (file: string, work: Work): Promise<ReadonlyArray<number>> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: work })
    worker.once('message', resolve)
    worker.once('error', reject)
  })

test('eight threads write one stream, and every version has one writer', { timeout: 60_000 }, async () => {
  const path = newFile()
  const file = await bundledWriter(path)
  const acknowledged = await Promise.all(writers.map((writer) => run(file, { path, writer, commits })))

  const loaded = await open(path).load({ type: 'LoadStream', stream: streamOf(instanceNumber(1)), after: 0 })()
  if (loaded._tag === 'Left') throw new Error(loaded.left.message)
  const total = writers.length * commits
  expect(loaded.right.map(({ version }) => version)).toEqual(Array.from({ length: total }, (_, index) => index + 1))
  writers.forEach((writer, index) => {
    const own = loaded.right.filter(
      ({ events: [first] }) => first?.type === 'TaskSeen' && first.task.arn === taskNumber(writer),
    )
    expect(own.map(({ version }) => version)).toEqual(acknowledged[index])
  })
})
