import { afterEach, expect, test, vi } from 'vitest'
import { createProgress } from '../../src/cli/progress.ts'
import { createStormProgress } from '../../src/cli/storm-progress.ts'
import { wholeCampaign } from '../../src/storm/campaign.ts'
import { emptyTally } from '../../src/storm/tally.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const heard = (): string[] => {
  const lines: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text))
    return true
  })
  return lines
}

test('says nothing in the first second, and what goes on after it', async () => {
  const lines = heard()
  let now = 0
  const progress = createProgress(() => now)
  await progress.step('running none')
  now = 1001
  await progress.step('running article')
  progress.done()
  expect(lines).toEqual(['ecs-drain: running article ...\n'])
})

test('says at once what is known to be slow', async () => {
  const lines = heard()
  const progress = createProgress(() => 0)
  await progress.step('drawing r.html', true)
  expect(lines).toEqual(['ecs-drain: drawing r.html ...\n'])
})

/** Whatever stderr is. */
const onTerminal = async (columns: number, tell: () => void | Promise<void>): Promise<void> => {
  const { isTTY, columns: before } = process.stderr
  try {
    Object.assign(process.stderr, { isTTY: true, columns })
    await tell()
  } finally {
    Object.assign(process.stderr, { isTTY, columns: before })
  }
}

test('writes plain lines on a terminal of no known width, where a spinner would never end', async () => {
  const lines = heard()
  await onTerminal(0, () => createProgress(() => 0).step('drawing r.html', true))
  expect(lines).toEqual(['ecs-drain: drawing r.html ...\n'])
})

test('the line of a storm that a terminal shows is ended before something else is told', async () => {
  const lines = heard()
  await onTerminal(40, () => {
    const campaign = { firstSeed: 0, seeds: 9, shard: wholeCampaign }
    const progress = createStormProgress(campaign, performance.now() - 2000)
    progress.done()
    progress.tell({ ...emptyTally, seeds: 4 })
    progress.done()
    progress.done()
  })
  expect(lines).toEqual([expect.stringContaining('\r4 of 9 seeds, '), '\n'])
})
