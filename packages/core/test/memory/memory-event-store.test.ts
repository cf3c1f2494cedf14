import { describe, test } from 'vitest'
import { memoryEventStore } from '../../src/memory/memory-event-store.ts'
import { eventStoreContract } from '../../src/testing/index.ts'

describe('the event store in memory', () => {
  test.each(eventStoreContract.map(({ title, run }) => [title, run] as const))('%s', async (_title, run) => {
    await run(memoryEventStore)
  })
})
