/**
 * States per second of `ecs-drain check two-instances-with-faults`, everything that core
 * does included, beside Spin on the same model: same number of states, same number of transitions, exact storage. What
 * one instance can do is a table in the Promela program, so Spin is spared the protocol itself; our side works it out.
 * Then the liveness passes. CPU time, rounds in turn. Without Spin (`apt-get install spin`) only our own figures.
 */
import { cpus } from 'node:os'
import { test } from 'vitest'
import type { Model } from '../src/check/model.ts'
import { bundledExplorer, modelNamed } from '../test/check/bundled.ts'
import { promelaOf } from '../test/check/promela.ts'
import { hasSpin, verifierOf } from '../test/check/spin.ts'

const explore = await bundledExplorer()
const model: Model = modelNamed('two-instances-with-faults')
const rounds = 5

const used = (): number => {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) / 1e6
}

const median = (numbers: ReadonlyArray<number>): number =>
  [...numbers].sort((one, other) => one - other)[numbers.length >> 1] ?? 0

const shown = (rate: number): string => Math.round(rate).toLocaleString('en').padStart(12)

test('states per second', { timeout: 900_000 }, () => {
  const spin = hasSpin() ? verifierOf(promelaOf(model)) : null
  const ours: Array<number> = []
  const theirs: Array<number> = []
  const backwards: Array<number> = []
  let counts = ''
  // The first round is for the compiler.
  for (let round = 0; round <= rounds; round += 1) {
    const from = used()
    const { states, transitions, depth } = explore(model, { liveness: false })
    const rate = states / (used() - from)
    counts = `${states.toLocaleString('en')} states, ${transitions.toLocaleString('en')} transitions, depth ${depth}`
    const figures = spin?.()
    if (figures !== undefined && (figures.states !== states || figures.transitions - 1 !== transitions)) {
      throw new Error(`Spin has ${figures.states} states and ${figures.transitions} transitions, we have ${counts}`)
    }
    if (round === 0) continue
    ours.push(rate)
    if (figures !== undefined) theirs.push(figures.states / figures.seconds)
  }
  for (let round = 0; round < rounds; round += 1) {
    const { liveness } = explore(model)
    if (liveness !== null) backwards.push(liveness.statesPerSecond)
  }
  const ratio = (): string => (median(ours) / median(theirs)).toFixed(2).padStart(12)
  const lines = [
    `${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, CPU time`,
    counts,
    `states/s, ours                     ${shown(median(ours))}`,
    spin === null
      ? 'Spin is not installed: no ratio'
      : `states/s, Spin                     ${shown(median(theirs))}\nours to Spin's                     ${ratio()}`,
    `states/s, liveness passes (clock)  ${shown(median(backwards))}`,
  ]
  console.log(lines.join('\n'))
})
