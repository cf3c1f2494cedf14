/** Several things measured in turn, so that whatever else the machine does meets all of them. */
import { cpus, loadavg } from 'node:os'
import { cpuSeconds } from './rate.ts'

/** Runs each once per round, some rounds to warm up before; gives what each came to in every round, by its name. */
export const inTurn = async <Name extends string>(
  runs: Readonly<Record<Name, (round: number) => number | Promise<number>>>,
  { warmUp, rounds }: { readonly warmUp: number; readonly rounds: number },
): Promise<Readonly<Record<Name, ReadonlyArray<number>>>> => {
  const names = Object.keys(runs) as Array<Name>
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Array<number>>
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const name of names) {
      const figure = await runs[name](round + warmUp)
      if (round >= 0) figures[name].push(figure)
    }
  }
  return figures
}

/** Times per second of this thread's processor time that `run` can be done, `times` in a row. */
export const ratePerSecond = (run: (index: number) => unknown, from: number, times: number): number => {
  const started = cpuSeconds()
  for (let each = 0; each < times; each += 1) run(from + each)
  return times / (cpuSeconds() - started)
}

export const median = (numbers: ReadonlyArray<number>): number =>
  [...numbers].sort((one, other) => one - other)[numbers.length >> 1] ?? 0

/** The median of the ratios of each round: of two that ran beside each other. */
export const ratio = (some: ReadonlyArray<number>, others: ReadonlyArray<number>): number =>
  median(some.map((one, round) => one / (others[round] ?? Number.NaN)))

export const machine = (): string =>
  `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, load ${(loadavg()[0] ?? 0).toFixed(1)}`

export const row = (what: string, figure: number, digits = 0): string => {
  const shown = figure.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${what.padEnd(70)} ${shown.padStart(11)}`
}
