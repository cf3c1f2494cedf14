// A function that is called by itself: what it is called with, and what becomes of it when it fails.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { decodeEnvelope } from '@ecs-drain/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { callByHttp, createInvoker } from '../../src/endpoint/invoker.ts'
import type { HookPlan } from '../../src/plan/plan.ts'
import { invocationEndings, type Kind, kinds } from '../../src/trace/trace.ts'
import { listen } from './function-behind-url.ts'
import { serve } from './served.ts'

const served = async (invoke: string, notifies: HookPlan['notifies'] = 'lambda') => {
  const quiet = { controller: { sweepEverySeconds: 1_000_000 } }
  const all = await serve({ ...quiet, groups: [{ hooks: [{ notifies }] }] }, { invoke, subscribes: ['termination'] })
  all.endpoint.act({ do: 'terminate-instance', old: 0 })
  all.endpoint.advance(5)
  return all
}

describe('an event', () => {
  /** Calls that end as told, one after another, and all that is heard of them. */
  const calling = (...ends: ReadonlyArray<'succeeds' | 'fails' | 'throws'>) => {
    const heard: Array<string> = []
    let [now, calls] = [0, 0]
    const call = async (text: string): Promise<string | null> => {
      heard.push(`called with ${text}`)
      // The world goes on meanwhile.
      now += 1000
      const end = ends[calls]
      calls += 1
      if (end === 'throws') throw new Error('nobody there')
      return end === 'succeeds' ? null : 'no'
    }
    const whys: Array<string> = []
    const invoker = createInvoker(
      call,
      () => now,
      (why) => whys.push(why),
    )
    const settled = () => new Promise((done) => setTimeout(done))
    return {
      heard,
      whys,
      invoker,
      nextAt: invoker.nextAt,
      invoke: (text = 'it') => {
        invoker.invoke({
          text,
          begun: () => heard.push('begun'),
          ended: (succeeded) => heard.push(succeeded ? 'succeeded' : 'failed'),
          failed: () => heard.push('dead'),
        })
        return settled()
      },
      retryAt: (ms: number) => {
        now = ms
        invoker.retryDue(ms)
        return settled()
      },
    }
  }

  test('is done with when the function has succeeded', async () => {
    const { heard, invoke, nextAt, retryAt } = calling('succeeds')
    expect(nextAt()).toBeNull()
    await invoke()
    expect(nextAt()).toBeNull()
    await retryAt(1_000_000)
    expect(heard).toEqual(['begun', 'called with it', 'succeeded'])
  })

  test('that fails is tried again one minute after that, and two more, each time it is due and not before', async () => {
    const { heard, whys, invoke, nextAt, retryAt } = calling('fails', 'throws', 'fails')
    await invoke()
    const once = ['begun', 'called with it', 'failed']
    expect([heard, nextAt()]).toEqual([once, 61_000])
    await retryAt(60_999)
    expect(heard).toEqual(once)
    await retryAt(61_000)
    expect([heard, nextAt()]).toEqual([[...once, ...once], 182_000])
    await retryAt(182_000)
    expect([heard, nextAt()]).toEqual([[...once, ...once, ...once, 'dead'], null])
    expect(whys).toEqual(['no', 'nobody there', 'no'])
  })

  test('waits for its own time, whichever others wait', async () => {
    const { heard, invoke, nextAt, retryAt } = calling('fails', 'fails', 'succeeds', 'succeeds')
    await invoke('one')
    await retryAt(30_000)
    await invoke('two')
    expect(nextAt()).toBe(61_000)
    await retryAt(61_000)
    expect([heard.at(-2), nextAt()]).toEqual(['called with one', 91_000])
    await retryAt(91_000)
    expect([heard.at(-2), nextAt()]).toEqual(['called with two', null])
  })
})

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
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: endpoint.deadLettersUrl, MessageSystemAttributeNames: ['SentTimestamp'] }),
    )
    const SentTimestamp = String(Date.parse('2026-03-02T08:00:00Z') + 187_000)
    expect(Messages).toEqual([expect.objectContaining({ Body: heard[0], Attributes: { SentTimestamp } })])
    // Nobody waits any more for what lies there.
    endpoint.act({ do: 'delete-hook' })
    endpoint.advance(2_000_000)
    await calls(3)
    expect(endpoint.isSettled()).toBe(true)
  })

  test('is called by time that runs by itself, though nobody asks for anything', async () => {
    const { url, calls } = await listen()
    const happenings = [{ do: 'terminate-instance', atSeconds: 100 }] as const
    await serve(
      { happenings, groups: [{ hooks: [{ notifies: 'lambda' }] }] },
      { invoke: url, pace: 5000, subscribes: ['termination'] },
    )
    await calls(1)
  })

  test.each([
    ['null', 'done'],
    ['{"errorMessage": "no", "errorType": "Error"}', 'failed'],
  ])('that answers %s was called with one record, and is %s', async (answer, ending) => {
    const { url, calls } = await listen(() => answer)
    const { endpoint } = await served(url)
    await calls(1)
    const trace = endpoint.trace()
    const of = (kind: Kind) => Array.from(trace.b).filter((_, i) => kinds[trace.kind[i] ?? -1] === kind)
    expect(of('invocation-started')).toEqual([1])
    expect(of('invocation-ended').map((b) => invocationEndings[b])).toEqual([ending])
  })

  test('is waited for until it has succeeded', async () => {
    const answers = ['{"errorMessage": "no", "errorType": "Error"}', 'null']
    const { url, calls } = await listen(() => answers.shift() ?? 'null')
    const { endpoint } = await served(url)
    await calls(1)
    endpoint.act({ do: 'delete-hook' })
    expect(endpoint.isSettled()).toBe(false)
    // The second try is at a moment of the world like any other.
    const moments: Array<number> = []
    while (endpoint.seconds() < 65) {
      endpoint.advanceToNext()
      moments.push(endpoint.seconds())
    }
    expect(moments.at(-1)).toBe(65)
    await calls(2)
    endpoint.advance(2_000_000)
    expect(endpoint.isSettled()).toBe(true)
  })

  test('may take as long as Lambda lets it: nobody takes it for one that fails, and calls it again beside itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const { promise, resolve: answer } = Promise.withResolvers<string>()
    const { url, heard } = await listen(() => promise)
    const called = callByHttp(url)('{}')
    await expect.poll(() => heard.length).toBe(1)
    await vi.advanceTimersByTimeAsync(900_000)
    answer('null')
    expect(await called).toBeNull()
  })

  test('whose connection breaks off in the middle of its answer is one that fails', async () => {
    const server = createServer((incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': 100 })
      outgoing.write('nu', () => incoming.socket.resetAndDestroy())
    })
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done)
    })
    onTestFinished(() => {
      server.close()
    })
    await expect(callByHttp(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)('{}')).rejects.toThrow()
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
