import { afterEach, expect, test, vi } from 'vitest'
import { createProgress } from '../../src/cli/progress.ts'

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

test('writes plain lines on a terminal of no known width, where a spinner would never end', async () => {
  const { isTTY, columns } = process.stderr
  const lines = heard()
  try {
    Object.assign(process.stderr, { isTTY: true, columns: 0 })
    await createProgress(() => 0).step('drawing r.html', true)
  } finally {
    Object.assign(process.stderr, { isTTY, columns })
  }
  expect(lines).toEqual(['ecs-drain: drawing r.html ...\n'])
})
