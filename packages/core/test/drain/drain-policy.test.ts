import { expect, test } from 'vitest'
import { contradictionsOf, drainPolicy, type PolicyOptions } from '../../src/drain/drain-policy.ts'
import { policy, theGroup, theHook } from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'

const ours = { name: theHook, groups: [theGroup] }

test.each<[string, Partial<PolicyOptions>]>([
  ['nothing but hooks and clusters', {}],
  ['a hook that is ours in every group', { hooks: [{ name: theHook, groups: null }] }],
  ['several hooks', { hooks: [ours, { name: 'batch', groups: ['batch-hosts', 'gpu-hosts'] }] }],
  ['clusters that only metadata names', { clusters: [], metadataClusters: ['batch-*'] }],
  ['an account', { account: '111122223333' }],
  ['a deadline', { deadline: { after: minutes(60), choice: 'stop-tasks' } }],
  ['a deadline of a second', { deadline: { after: seconds(1), choice: 'continue' } }],
  ['a wait that does not grow', { retry: { first: seconds(5), most: seconds(5) } }],
  ['no wake-ups', { hopsMax: 0 }],
  ["as many as Lambda's guard allows", { hopsMax: 15 }],
])('a policy with %s can be meant', (_what, options) => {
  expect(contradictionsOf(policy(options))).toEqual([])
})

test.each<[string, Partial<PolicyOptions>, RegExp]>([
  ['a second hook without a name', { hooks: [ours, { name: '', groups: null }] }, /^hooks: each has a name/],
  ['a second group without a name', { hooks: [{ name: theHook, groups: [theGroup, ''] }] }, /^hooks: each has a name/],
  ['an account with more around it', { account: '1111222233334' }, /^account: must be 12 digits/],
  ['half a wake-up', { hopsMax: 1.5 }, /^hopsMax: must be from 0 to 15/],
  ['a name misspelled', { settel: 5 } as object, /^settel: expected one of hooks, clusters, .*settle/],
  ['less than none', { hopsMax: -1 }, /^hopsMax: must be from 0 to 15/],
])('a policy with %s cannot', (_what, options, says) => {
  expect(contradictionsOf(policy(options))).toEqual([expect.stringMatching(says)])
})

test('what it must say is missed where a caller without types has left it out', () => {
  expect(contradictionsOf(drainPolicy({} as PolicyOptions))).toEqual([
    expect.stringMatching(/^hooks: name at least one/),
    expect.stringMatching(/^clusters: name at least one/),
  ])
})
