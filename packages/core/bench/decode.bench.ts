// From the text that a queue brings to notices.
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { bundledCore } from './support/bundled-core.ts'

const { decodeEnvelope } = await bundledCore()

const textOf = (name: string): string =>
  JSON.stringify(JSON.parse(readFileSync(new URL(`../test/fixtures/${name}.json`, import.meta.url), 'utf8')))

const event = textOf('task-state-change-stopped')
const document: unknown = JSON.parse(event)
const batch = textOf('task-state-change-stopped-sqs')
const body =
  (JSON.parse(batch) as { readonly Records: ReadonlyArray<{ readonly body: string }> }).Records[0]?.body ?? ''

test('a task state change', async ({ bench }) => {
  await bench.compare(
    bench('as an object', () => void decodeEnvelope(document)),
    bench('as JSON text', () => void decodeEnvelope(event)),
    bench('in SQS, as JSON text', () => void decodeEnvelope(batch)),
    bench('JSON.parse alone, twice', () => {
      JSON.parse(batch)
      JSON.parse(body)
    }),
  )
})

const stranger = JSON.stringify({ ...(document as object), 'detail-type': 'ECS Service Action' })
const notification = textOf('sns-lambda-json')
const keyValueText = textOf('sns-lambda-key-value')

test('other messages', async ({ bench }) => {
  await bench.compare(
    bench('a lifecycle notification, SNS, JSON', () => void decodeEnvelope(notification)),
    bench('a lifecycle notification, SNS, key-value text', () => void decodeEnvelope(keyValueText)),
    bench('an event nobody reads', () => void decodeEnvelope(stranger)),
  )
})
