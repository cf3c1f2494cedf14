import { eventStoreContract } from '@ecs-drain/core/testing'
import { describe, test } from 'vitest'
import { takingTurns } from './taking-turns.ts'
import { temporaryFolder } from './temporary-folder.ts'

const { newFile, open } = temporaryFolder()

const cases = eventStoreContract.map(({ title, run }) => [title, run] as const)

describe('the SQLite event store in memory', () => {
  test.each(cases)('%s', (_title, run) => run(() => open(':memory:')))
})

describe('the SQLite event store in a file', () => {
  test.each(cases)('%s', (_title, run) => run(() => open(newFile())))
})

describe.each([2, 8])('%i connections to one SQLite file', (count) => {
  test.each(cases)('%s', async (_title, run) => {
    await run(() => {
      const path = newFile()
      return takingTurns(Array.from({ length: count }, () => open(path)))
    })
  })
})
