// A contract that every store keeps shows nothing: each of these stores has one thing wrong, and some case says so.
import { describe, expect, test } from 'vitest'
import type { StreamId } from '../../src/identity/ids.ts'
import type { AppendRequest, Commit, StreamIndex } from '../../src/invocation/call.ts'
import { memoryStreams } from '../../src/memory/memory-streams.ts'
import type { EventStore } from '../../src/port/port.ts'
import type { Promised } from '../../src/port/promise-lifting.ts'
import { eventStoreContract } from '../../src/testing/index.ts'

type Store = Promised<EventStore>

/** As it should be. */
const right = (): Store => {
  const streams = memoryStreams()
  return {
    load: ({ stream, after }) => streams.newerThan(stream, after),
    append: (request) => streams.append(request),
    findStreams: ({ containerInstances }) => containerInstances.map(streams.streamOfContainerInstance),
    listWatched: () => streams.watched(),
  }
}

/** One of its functions is another. */
const but = (wrong: (store: Store) => Partial<Store>) => (): Store => {
  const store = right()
  return { ...store, ...wrong(store) }
}

const withIndex = (change: (index: StreamIndex) => Partial<StreamIndex>) =>
  but(({ append }) => ({
    append: (request) => append({ ...request, index: { ...request.index, ...change(request.index) } }),
  }))

const withText = (change: (text: string) => string) =>
  but(({ append }) => ({
    append: (request) =>
      append({ ...request, events: JSON.parse(change(JSON.stringify(request.events))) as Commit['events'] }),
  }))

const oneForAll = 'ec2-instance/i-00000000000000000' as StreamId

/** Looks, and a moment later writes at whatever version there is by then. */
const hesitant = but(({ load, append }) => ({
  append: async (request: AppendRequest) => {
    const seen = await load({ type: 'LoadStream', stream: request.stream, after: request.expectedVersion })
    const answer = await append(request)
    if (seen.length > 0 || answer.type === 'appended') return answer
    return append({ ...request, expectedVersion: request.expectedVersion + answer.newer.length })
  },
}))

/** Knows for each stream the container instances of its latest commit, and of no other. */
const forgetful = but(({ append, findStreams }) => {
  const latest = new Map<string, ReadonlyArray<string>>()
  return {
    append: (request) => {
      latest.set(request.stream, request.index.containerInstances)
      return append(request)
    },
    findStreams: async (request) => {
      const found = await findStreams(request)
      return found.map((stream, at) => {
        const arn = request.containerInstances[at]
        return stream !== null && arn !== undefined && latest.get(stream)?.includes(arn) === true ? stream : null
      })
    },
  }
})

/** Watches what the last attempt said, whether it was a commit or not. */
const hasty = but(({ append }) => {
  const watched = new Set<StreamId>()
  return {
    append: (request) => {
      if (request.index.watched) watched.add(request.stream)
      else watched.delete(request.stream)
      return append(request)
    },
    listWatched: () => [...watched],
  }
})

/** Finds something for a container instance that only a commit knew which lost. */
const confused = but(({ append, findStreams }) => {
  const lost = new Set<string>()
  return {
    append: async (request) => {
      const answer = await append(request)
      if (answer.type === 'conflict') for (const arn of request.index.containerInstances) lost.add(arn)
      return answer
    },
    findStreams: async (request) => {
      const found = await findStreams(request)
      return found.map((stream, at) => (lost.has(request.containerInstances[at] as never) ? oneForAll : stream))
    },
  }
})

const wrongStores: ReadonlyArray<readonly [what: string, make: () => Store]> = [
  ['loads everything, whatever was known', but(({ load }) => ({ load: (request) => load({ ...request, after: 0 }) }))],
  ['loses the newest commit', but(({ load }) => ({ load: async (request) => (await load(request)).slice(0, -1) }))],
  [
    'loads the newest commit first',
    but(({ load }) => ({ load: async (request) => (await load(request)).toReversed() })),
  ],
  [
    'loads a hundred commits at most',
    but(({ load }) => ({ load: async (request) => (await load(request)).slice(0, 100) })),
  ],
  [
    'acknowledges what it refuses',
    but(({ append }) => ({
      append: async (request) => {
        await append(request)
        return { type: 'appended' }
      },
    })),
  ],
  [
    'does not say what it refused a commit for',
    but(({ append }) => ({
      append: async (request) => {
        const answer = await append(request)
        return answer.type === 'conflict' ? { ...answer, newer: [] } : answer
      },
    })),
  ],
  [
    'writes at whatever version there is',
    but(({ load, append }) => ({
      append: async (request) => {
        const { length } = await load({ type: 'LoadStream', stream: request.stream, after: 0 })
        return append({ ...request, expectedVersion: length })
      },
    })),
  ],
  ['looks, and writes a moment later', hesitant],
  [
    'keeps one stream for all',
    but(({ load, append }) => ({
      load: (request) => load({ ...request, stream: oneForAll }),
      append: (request) => append({ ...request, stream: oneForAll }),
    })),
  ],
  [
    'takes streams whose names begin alike for one',
    but(({ load, append }) => ({
      load: (request) => load({ ...request, stream: request.stream.slice(0, 23) as StreamId }),
      append: (request) => append({ ...request, stream: request.stream.slice(0, 23) as StreamId }),
    })),
  ],
  [
    'finds streams in an order of its own',
    but(({ findStreams }) => ({ findStreams: async (request) => (await findStreams(request)).toReversed() })),
  ],
  [
    'leaves out container instances that nobody drains',
    but(({ findStreams }) => ({
      findStreams: async (request) => (await findStreams(request)).filter((one) => one !== null),
    })),
  ],
  [
    'looks a hundred container instances up, and no more',
    but(({ findStreams }) => ({
      findStreams: async (request) => (await findStreams(request)).map((one, at) => (at < 100 ? one : null)),
    })),
  ],
  ['keeps no look-up', withIndex(() => ({ containerInstances: [] }))],
  ['looks up the container instances of the latest commit only', forgetful],
  ['finds a stream that is not there after a commit that lost', confused],
  ['watches for good', withIndex(() => ({ watched: true }))],
  ['never watches', withIndex(() => ({ watched: false }))],
  ['watches what a commit said that lost', hasty],
  [
    'lists a hundred watched streams at most',
    but(({ listWatched }) => ({ listWatched: async (request) => (await listWatched(request)).slice(0, 100) })),
  ],
  [
    'keeps the first of several events',
    but(({ append }) => ({ append: (request) => append({ ...request, events: request.events.slice(0, 1) }) })),
  ],
  ['knows no letters beyond ASCII', withText((text) => text.replaceAll(/[^\x20-\x7e]/g, '?'))],
  [
    'keeps commits of at most 64 KB',
    but(({ append }) => ({
      append: (request) =>
        append(JSON.stringify(request.events).length > 65_536 ? { ...request, events: [] } : request),
    })),
  ],
  ['ends a text where a NUL is', withText((text) => text.replaceAll(/\\u0000[^"]*/g, ''))],
  ['has no text without letters', withText((text) => text.replaceAll('""', 'null'))],
  ['takes a text for what it says', withText((text) => text.replaceAll('"null"', 'null'))],
  ['takes a text of JSON for JSON', withText((text) => text.replaceAll('"{\\"a\\":1}"', '{"a":1}'))],
  ['leaves out empty lists', withText((text) => text.replaceAll(/"\w+":\[\],?/g, '').replaceAll(',}', '}'))],
  ['leaves out false', withText((text) => text.replaceAll(/"\w+":false,?/g, '').replaceAll(',}', '}'))],
  ['leaves out zero', withText((text) => text.replaceAll(/"\w+":0([,}])/g, '$1').replaceAll('{,', '{'))],
  ['leaves out null', withText((text) => text.replaceAll(/"\w+":null,?/g, '').replaceAll(',}', '}'))],
]

const broken = async (make: () => Store): Promise<ReadonlyArray<string>> => {
  const titles = eventStoreContract.map(async ({ title, run }) =>
    run(make).then(
      () => [],
      () => [title],
    ),
  )
  return (await Promise.all(titles)).flat()
}

describe('the contract of event stores', () => {
  test('has nothing against a store of promises', async () => {
    expect(await broken(right)).toEqual([])
  })

  test.each(wrongStores)('refuses a store that %s', async (_, make) => {
    expect(await broken(make)).not.toEqual([])
  })

  const [, ofOrder] = eventStoreContract

  test('says what a store did otherwise', async () => {
    const backwards = but(({ load }) => ({ load: async (request) => (await load(request)).toReversed() }))
    await expect(ofOrder?.run(backwards)).rejects.toThrow(
      /^load:\n {2}- \{.*"version":1\}\n {2}\+ \{.*"version":5\}\n(.*\n){6}.*$/,
    )
    const acknowledging = but(() => ({ append: () => ({ type: 'conflict', newer: [] }) }))
    await expect(ofOrder?.run(acknowledging)).rejects.toThrow(
      'append at version 0:\n  - {"type":"appended"}\n  + {"type":"conflict","newer":[]}',
    )
  })

  test('says what a store said that failed', async () => {
    const failing = but(() => ({ load: () => Promise.reject(new Error('no such table')) }))
    await expect(ofOrder?.run(failing)).rejects.toThrow(/^load failed: \{.*no such table/)
  })
})
