/** The tables of the store, and the version by which a file says which ones it has. */
import type { DatabaseSync } from 'node:sqlite'

/** Goes up when the tables change; `user_version` of the file holds it. */
const schemaVersion = 1

const tables = `
  CREATE TABLE commits (
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (stream, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE container_instances (arn TEXT PRIMARY KEY, stream TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE watched_streams (stream TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`

/** Makes the tables of a new file. Throws at a file of a newer version, or of something else altogether. */
export const prepareSchema = (database: DatabaseSync): void => {
  if (versionOf(database) === schemaVersion) return
  // Another connection may be making them at this moment, so it is looked at again inside the transaction.
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = versionOf(database)
    if (version > schemaVersion) {
      throw new Error(
        `the file has schema version ${version}, and this version of ecs-drain knows up to ${schemaVersion}`,
      )
    }
    if (version === 0) {
      if (hasTables(database)) throw new Error('the file is a database of something else')
      database.exec(`${tables} PRAGMA user_version = ${schemaVersion}`)
    }
    database.exec('COMMIT')
  } catch (thrown) {
    database.exec('ROLLBACK')
    throw thrown
  }
}

const versionOf = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)

const hasTables = (database: DatabaseSync): boolean =>
  database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined
