import { expect, test } from 'vitest'
import { stormOutput } from '../../src/cli/storm-output.ts'
import { promiseNames } from '../../src/promise/promise.ts'
import { renderStormReport } from '../../src/report/storm-report.ts'
import { wholeCampaign } from '../../src/storm/campaign.ts'
import { emptyTally } from '../../src/storm/tally.ts'

const campaign = { firstSeed: 0, seeds: 9, shard: wholeCampaign }
const tally = {
  ...emptyTally,
  occasions: promiseNames.map(() => 7),
  broken: promiseNames.map((name) => (name === 'S2 floor' ? 5 : 0)),
}
const failures = [{ text: 'seed 3 broke S2 floor\nmade smaller', command: 'ecs-drain simulate' }]

test('of a promise that was broken only the seeds that broke it are marked, not its occasions', () => {
  const html = renderStormReport({ campaign, tally, failures, reproduce: '' })
  const row = /S2 floor<\/th>(.*?)<\/tr>/.exec(html)?.[1]
  expect(row).toBe('<td>7</td><td>0</td><td class="bad"><span aria-hidden="true">▲&nbsp;</span>5</td>')
  expect(stormOutput(campaign, tally, failures, [])).toMatch(/│ S2 floor +│ +7 │ +0 │ +5 ! │/)
})

test('one is one', () => {
  const html = renderStormReport({ campaign, tally: { ...tally, virtualSeconds: 3600 }, failures, reproduce: '' })
  expect(html.includes('>1 failure below<')).toBe(true)
  expect(html.includes(' 1 hour of virtual time')).toBe(true)
})

test('what a failure was made into stands on a line of its own', () => {
  const html = renderStormReport({ campaign, tally, failures, reproduce: '' })
  expect(html.includes('seed 3 broke S2 floor<br>made smaller<pre')).toBe(true)
})
