/** Says on stderr how far a storm is: on a terminal in one line that is written over, elsewhere in lines. */
import { counted } from '../promise/promise.ts'
import { faultsStruck, kindsStruck, unreachedOf } from '../report/storm-rows.ts'
import { type Campaign, seedsOfShard } from '../storm/campaign.ts'
import { faultKinds, rareStates } from '../storm/coverage.ts'
import type { Tally } from '../storm/tally.ts'
import { failureText } from './storm-output.ts'

export interface StormProgress {
  /** Now and then, the first time after a second; a promise's first failure at once, since the end may be hours away. */
  readonly tell: (tally: Tally) => void
  /** Ends the line that is written over: what is told next has one of its own. */
  readonly done: () => void
}

/** `started`: when the storm began, on the clock of `performance`. */
export const createStormProgress = (campaign: Campaign, started: number): StormProgress => {
  const total = seedsOfShard(campaign)
  const isTerminal = process.stderr.isTTY === true
  const everyMs = isTerminal ? 500 : 5000
  const told = new Set<string>()
  let last = started + 1000 - everyMs
  let isLineOpen = false
  return {
    tell: (tally) => {
      for (const failure of tally.failures) {
        if (told.has(failure.broke)) continue
        told.add(failure.broke)
        process.stderr.write(`${isTerminal ? '\r\u001b[K' : ''}ecs-drain: ${failureText(failure)}\n`)
        isLineOpen = false
      }
      const now = performance.now()
      if (now - last < everyMs) return
      last = now
      const rate = (tally.seeds / ((now - started) / 1000)).toFixed(0)
      const states = rareStates.length - unreachedOf(tally).length
      const kinds = kindsStruck(tally)
      const soFar = `${tally.seeds} of ${total} seeds, ${rate}/s, ${counted(tally.failures.length, 'failure')}`
      const reached = `${states}/${rareStates.length} states`
      // A terminal has room for one line, a log for all kinds.
      const line = isTerminal
        ? `${soFar}, ${reached}, ${faultsStruck(tally)} faults of ${kinds.length}/${faultKinds.length} kinds`
        : `${soFar}, ${reached}; ${kinds.join(', ')}`
      // A line that the terminal breaks in two cannot be written over.
      const room = process.stderr.columns > 0 ? process.stderr.columns - 1 : line.length
      process.stderr.write(isTerminal ? `\r${line.slice(0, room)}\u001b[K` : `ecs-drain: ${line}\n`)
      isLineOpen = isTerminal
    },
    done: () => {
      if (isLineOpen) process.stderr.write('\n')
      isLineOpen = false
    },
  }
}
