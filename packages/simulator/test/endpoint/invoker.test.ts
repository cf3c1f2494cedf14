// A function that is called by itself: what it is called with, and what becomes of it when it fails.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { decodeEnvelope } from '@ecs-drain/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HookPlan } from '../../src/plan/plan.ts'
import { serve } from './served.ts'

interface Listening {
  readonly url: string
  readonly heard: Array<string>
  /** Waits until it was called so often. */
  readonly calls: (count: number) => Promise<void>
}

/** A function behind HTTP, as the runtime interface emulator has it. */
const listen = async (answer: () => string = () => 'null'): Promise<Listening> => {
  const heard: Array<string> = []
  const server = createServer((incoming, outgoing) => {
    let text = ''
    incoming.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
    })
    incoming.on('end', () => {
      heard.push(text)
      outgoing.end(answer())
    })
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/2015-03-31/functions/function/invocations`,
    heard,
    calls: async (count) => {
      await expect.poll(() => heard.length, { timeout: 5000, interval: 5 }).toBe(count)
      // The answer has to get back, too.
      await new Promise((done) => setTimeout(done, 30))
    },
  }
}

const served = async (invoke: string, notifies: HookPlan['notifies'] = 'lambda') => {
  const quiet = { controller: { sweepEverySeconds: 1_000_000 } }
  const all = await serve({ ...quiet, groups: [{ hooks: [{ notifies }] }] }, { invoke, subscribes: ['termination'] })
  all.endpoint.act({ do: 'terminate-instance', old: 0 })
  all.endpoint.advance(5)
  return all
}

describe('a function behind a URL', () => {
  test.each(['lambda', 'sns-json', 'sns-text', 'eventbridge'] as const)(
    'is called with what %s brings, and the queue stays empty',
    async (notifies) => {
      const { url, heard, calls } = await listen()
      const { endpoint } = await served(url, notifies)
      await calls(1)
      expect(decodeEnvelope(JSON.parse(heard[0] ?? '')).map(({ notice }) => notice)).toEqual([
        expect.objectContaining({ right: expect.objectContaining({ type: 'InstanceTerminating' }) }),
      ])
      expect(endpoint.state().queues.map(({ visible, inFlight }) => visible + inFlight)).toEqual([0, 0])
      expect(endpoint.verdict().figures.lambdaInvocations).toBe(1)
    },
  )

  test.each(['sqs', 'sns-in-sqs'] as const)(
    'is not called for what %s brings: that is in the queue',
    async (notifies) => {
      const { url, heard } = await listen()
      const { endpoint, sqs } = await served(url, notifies)
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: endpoint.inboxUrl }))
      expect([Messages?.length, heard.length]).toEqual([1, 0])
    },
  )

  test('that fails is called again after one minute and two more; then the event is a dead letter', async () => {
    const { url, heard, calls } = await listen(() => '{"errorMessage": "no", "errorType": "Error"}')
    const { endpoint, sqs } = await served(url)
    await calls(1)
    endpoint.advance(55)
    await calls(1)
    endpoint.advance(6)
    await calls(2)
    endpoint.advance(121)
    await calls(3)
    expect(new Set(heard).size).toBe(1)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: endpoint.deadLettersUrl }))
    expect(Messages?.map(({ Body }) => Body)).toEqual([heard[0]])
    endpoint.advance(1000)
    await calls(3)
  })

  test('that nobody listens for is one that fails', async () => {
    const { endpoint } = await served('http://127.0.0.1:9/')
    const deadLetters = () => endpoint.state().queues[1]?.visible
    for (let minutes = 0; minutes < 3; minutes += 1) {
      await new Promise((done) => setTimeout(done, 50))
      expect(deadLetters()).toBe(0)
      endpoint.advance(61)
    }
    await expect.poll(deadLetters).toBe(1)
  })
})
