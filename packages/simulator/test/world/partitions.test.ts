// In China, in GovCloud and in the isolated Regions ARNs begin otherwise.
import { expect, test } from 'vitest'
import { amiUpdatePlan } from '../../src/plan/defaults.ts'
import { simulate } from '../../src/simulate.ts'
import { serve } from '../endpoint/served.ts'

// As the SDKs have them.
const partitions = [
  ['eu-west-1', 'aws'],
  ['us-east-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
  ['eusc-de-east-1', 'aws-eusc'],
] as const

test.each(partitions)('a host in %s drains, and every ARN that is told is one of %s', (region, partition) => {
  const { trace, figures, promises } = simulate(amiUpdatePlan({ cluster: { region } }))
  const arns = [...trace.texts.values()].flatMap((text) => text.match(/arn:[^:]*:/g) ?? [])
  expect(new Set(arns)).toEqual(new Set([`arn:${partition}:`]))
  expect(promises.filter(({ held }) => !held)).toEqual([])
  expect(figures.tasksKilled).toBe(0)
})

test('what the endpoint answers has the ARNs of its partition as well', async () => {
  const served = await serve({ cluster: { region: 'cn-north-1' }, groups: [{ hooks: [{ name: 'drain' }] }] })
  const { text } = await served.control('state')
  expect(new Set(text.match(/arn:[^:]*:[a-z]*:[^:]*/g))).toEqual(new Set(['arn:aws-cn:ecs:cn-north-1']))
})
