import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { handleBatch } from '../../src/application/handle-batch.ts'
import { contradictionsOf, drainPolicy, type PolicyOptions, uncheckedPolicy } from '../../src/drain/drain-policy.ts'
import { policies, policy, ScriptedWorld, theGroup, theHook } from '../../src/testing/index.ts'
import { minutes, seconds } from '../../src/time/instant.ts'
import { portsOver } from '../support/ports-over.ts'

const ours = { name: theHook, groups: [theGroup] }

test.each<[string, Partial<PolicyOptions>]>([
  ['nothing but hooks and clusters', {}],
  ['a hook that is ours in every group', { hooks: [{ name: theHook, groups: null }] }],
  ['several hooks', { hooks: [ours, { name: 'batch', groups: ['batch-hosts', 'gpu-hosts'] }] }],
  ['clusters that only metadata names', { clusters: [], metadataClusters: ['batch-*'] }],
  ['an account', { account: '111122223333' }],
  ['a deadline', { deadline: { after: minutes(60), choice: 'stop-tasks' } }],
  ['a deadline of a minute', { deadline: { after: minutes(1), choice: 'continue' } }],
  ['a wait that does not grow', { retry: { first: seconds(5), most: seconds(5) } }],
  ['no wake-ups', { hopsMax: 0 }],
  ["as many as Lambda's guard allows", { hopsMax: 15 }],
])('a policy with %s can be meant', (_what, options) => {
  expect(contradictionsOf(policy(options))).toEqual([])
})

test('a policy that is drawn for a property test can be meant', () => {
  fc.assert(fc.property(policies(), (drawn) => contradictionsOf(drawn).length === 0))
})

test.each<[string, Partial<PolicyOptions>, RegExp]>([
  ['a second hook without a name', { hooks: [ours, { name: '', groups: null }] }, /^hooks\[1\]: must have a name/],
  [
    'a second group without a name',
    { hooks: [{ name: theHook, groups: [theGroup, ''] }] },
    /^hooks\[0\]: must have a name/,
  ],
  ['an account with more around it', { account: '1111222233334' }, /^account: must be 12 digits/],
  ['half a wake-up', { hopsMax: 1.5 }, /^hopsMax: must be from 0 to 15/],
  ['a name misspelled', { settel: 5 } as object, /^settel: expected one of hooks, clusters, .*settle/],
  ['seconds where milliseconds are meant: 5', { settle: 5 }, /^settle: must be at least a second/],
  ['10', { spreadReads: 10 }, /^spreadReads: must be 0, or at least a second/],
  // Its instance would be let go where its agent takes longer than that to register.
  ['60', { notFoundGrace: 60 }, /^notFoundGrace: must be 0, or at least a second/],
  ['360', { stopGrace: 360 }, /^stopGrace: must be 0, or at least a second/],
  ['600', { standaloneAfter: 600 }, /^standaloneAfter: must be 0, or at least a second/],
  ['900', { deadline: { after: 900, choice: 'continue' } }, /^deadline: must be after a minute or more/],
  ['3600', { deadline: { after: 3600, choice: 'continue' } }, /^deadline: must be after a minute or more/],
  ['300', { sweepEvery: 300 }, /^sweepEvery: must be at least a second/],
  ['1', { retry: { first: 1, most: minutes(1) } }, /^retry: the first wait must be at least a second/],
  ['a hook that is its name', { hooks: [theHook as never] }, /^hooks\[0\]: must have a name/],
  ['no hook in a list', { hooks: [null as never] }, /^hooks\[0\]: must have a name/],
  ['a hook that is in no list', { hooks: ours as never }, /^hooks: must be a list$/],
  ['the name of a cluster', { clusters: 'web' as never }, /^clusters: must be a list$/],
  ['null for clusters', { clusters: null as never }, /^clusters: must be a list$/],
  // Each of its characters would be a pattern.
  ['a pattern that is in no list', { metadataClusters: 'batch-*' as never }, /^metadataClusters: must be a list$/],
  [
    'an ARN in a list of names',
    { clusters: ['web', 'arn:aws:ecs:eu-west-1:111122223333:cluster/api'] },
    /^clusters\[1\]: /,
  ],
  [
    'a pattern that is no text',
    { metadataClusters: ['batch-*', 7 as never] },
    /^metadataClusters\[1\]: must be a short/,
  ],
  [
    'an ARN for a pattern',
    { metadataClusters: ['arn:aws:ecs:*:cluster/batch'] },
    /^metadataClusters\[0\]: must be a short/,
  ],
  [
    'null for the time that tasks have to stop',
    { stopGrace: null as never },
    /^stopGrace: must be 0, or at least a second/,
  ],
  [
    'null for the grace of an agent',
    { notFoundGrace: null as never },
    /^notFoundGrace: must be 0, or at least a second/,
  ],
  ['less than none', { hopsMax: -1 }, /^hopsMax: must be from 0 to 15/],
])('a policy with %s cannot', (_what, options, says) => {
  expect(contradictionsOf(policy(options))).toEqual([expect.stringMatching(says)])
})

test.each([
  ['left it out', {}],
  ['given none', undefined],
])('what it must say is missed where a caller without types has %s', (_what, options) => {
  expect(contradictionsOf(uncheckedPolicy(options as PolicyOptions))).toEqual([
    expect.stringMatching(/^hooks: name at least one/),
    expect.stringMatching(/^clusters: name at least one/),
  ])
})

const unsound = {
  hooks: [],
  clusters: ['web'],
  settle: -5,
  hopsMax: 99,
  deadline: { after: 30, choice: 'continue' },
} as const

test('a policy that cannot be meant is not made: everything that is wrong with it is said at once', () => {
  const says = /^the policy contradicts itself.*\nhooks: .*\nsettle: .*\ndeadline: .*\nhopsMax: [^\n]*$/
  expect(() => drainPolicy(unsound)).toThrow(TypeError)
  expect(() => drainPolicy(unsound)).toThrow(says)
})

test('no batch is handled under a policy that cannot be meant, however it was made', () => {
  const ports = portsOver(new ScriptedWorld())
  const sound = policy()
  const atOnce = { after: 30, choice: 'continue' } as const
  expect(() => handleBatch(ports, uncheckedPolicy(unsound))).toThrow('hopsMax: must be from 0 to 15')
  expect(() => handleBatch(ports, { ...sound, deadline: atOnce })).toThrow('deadline: must be after a minute or more')
  expect(() => handleBatch(ports, { hooks: sound.hooks, clusters: sound.clusters })).not.toThrow()
})
