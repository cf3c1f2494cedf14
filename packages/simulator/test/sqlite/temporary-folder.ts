import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type SqliteEventStore, type SqliteOptions, sqliteEventStore } from '../../src/sqlite.ts'

/** Files of a test, and the stores opened on them: closed and removed after each test. */
export const temporaryFolder = () => {
  const folders: Array<string> = []
  const stores: Array<SqliteEventStore> = []
  afterEach(() => {
    for (const store of stores.splice(0)) store.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })
  return {
    newFile: (): string => {
      const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-sqlite-'))
      folders.push(folder)
      return join(folder, 'streams.db')
    },
    open: (path: string, options?: SqliteOptions): SqliteEventStore => {
      const store = sqliteEventStore(path, options)
      stores.push(store)
      return store
    },
  }
}
