// The event source of these tests takes a function's answer as Lambda was recorded to take it.
import { expect, test } from 'vitest'
import { failedIn } from './support/event-source.ts'

const batch = [{ MessageId: 'a' }, { MessageId: 'b' }]

test.each([
  [{}, []],
  [null, []],
  [{ batchItemFailures: [] }, []],
  [{ batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
  [{ batchItemFailures: [{ foo: 'notvalid' }] }, ['a', 'b']],
])('%j', (response, failed) => {
  expect([...failedIn({ type: 'returned', response }, batch)]).toEqual(failed)
})
