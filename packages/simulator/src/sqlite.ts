/** The public entry of the SQLite event store, apart from the rest because it needs Node. Written name by name. */
export type { SqliteEventStore, SqliteOptions } from './sqlite/sqlite-event-store.ts'
export { sqliteEventStore } from './sqlite/sqlite-event-store.ts'
