import { DatabaseSync } from 'node:sqlite'
import type { AppendRequest } from '@ecs-drain/core'
import { event, theContainerInstance, theStream } from '@ecs-drain/core/testing'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

const { newFile, open } = temporaryFolder()

const append: AppendRequest = {
  type: 'AppendToStream',
  stream: theStream,
  expectedVersion: 0,
  events: [event('DrainRequested', 0)],
  index: { watched: true, containerInstances: [theContainerInstance] },
}
const load = { type: 'LoadStream', stream: theStream, after: 0 } as const

test('what was acknowledged is there after the file is opened again', async () => {
  const path = newFile()
  const first = open(path)
  await first.append(append)()
  first.close()

  const second = open(path)
  expect(await second.load(load)()).toEqual(E.right([{ version: 1, events: append.events }]))
  expect(await second.listWatched({ type: 'ListWatchedStreams' })()).toEqual(E.right([theStream]))
  const found = await second.findStreams({ type: 'FindStreams', containerInstances: [theContainerInstance] })()
  expect(found).toEqual(E.right([theStream]))
})

test('a closed store fails and does not throw, and closing it again is nothing', async () => {
  const store = open(newFile())
  store.close()
  store.close()
  expect(await store.load(load)()).toMatchObject(E.left({ type: 'Unavailable' }))
  expect(await store.append(append)()).toMatchObject(E.left({ type: 'Unavailable' }))
})

test('a file of a newer version is refused', () => {
  const path = newFile()
  const database = new DatabaseSync(path)
  database.exec('PRAGMA user_version = 2')
  database.close()
  expect(() => open(path)).toThrow('the file has schema version 2, and this version of ecs-drain knows up to 1')
})

test('a database of something else is refused and left as it is', () => {
  const path = newFile()
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE invoices (number INTEGER)')
  expect(() => open(path)).toThrow('the file is a database of something else')
  expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'invoices' }])
  database.close()
})

test.each([
  ['{"v":1,"events":[{"type":"Swept"}]}', 'events[0].at: expected number, got nothing'],
  ['{"v":1,"events":[', '(root): is not JSON'],
])('a commit that cannot be read is a failure that says where, never half a stream: %s', async (body, why) => {
  const path = newFile()
  const store = open(path)
  await store.append(append)()
  const database = new DatabaseSync(path)
  database.prepare('UPDATE commits SET body = ?').run(body)
  database.close()
  expect(await store.load(load)()).toEqual(
    E.left({
      type: 'Unavailable',
      message: `commit 1 of ${theStream} cannot be read: ${why}`,
    }),
  )
})

test('a writer that another one keeps waiting too long is told so, and nothing is written', async () => {
  const path = newFile()
  const store = open(path, { busyTimeout: 10 })
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  expect(await store.append(append)()).toMatchObject(E.left({ type: 'Throttled' }))
  expect(await store.load(load)()).toEqual(E.right([]))
  other.exec('ROLLBACK')
  other.close()
  expect(await store.append(append)()).toEqual(E.right({ type: 'appended' }))
})
