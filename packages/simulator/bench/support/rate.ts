/** How fast something goes, by the CPU time of this thread: on a machine that others use, a clock measures them too. */

export interface Rate {
  readonly median: number
  readonly best: number
}

/** Node 22 cannot tell the threads apart; there the compiler's and the collector's count as well. */
const used: () => NodeJS.CpuUsage =
  typeof process.threadCpuUsage === 'function' ? () => process.threadCpuUsage() : () => process.cpuUsage()

export const cpuSeconds = (): number => {
  const { user, system } = used()
  return (user + system) / 1e6
}

/** Times per second that `run` can be done: the median and the best of so many rounds, once it is warm. */
export const rateOf = async (
  run: (round: number) => unknown,
  { warmUp, rounds, perRound }: { readonly warmUp: number; readonly rounds: number; readonly perRound: number },
): Promise<Rate> => {
  for (let each = 0; each < warmUp; each += 1) await run(each)
  const rates: Array<number> = []
  for (let round = 0; round < rounds; round += 1) {
    const from = cpuSeconds()
    for (let each = 0; each < perRound; each += 1) await run(round * perRound + each)
    rates.push(perRound / (cpuSeconds() - from))
  }
  rates.sort((one, other) => one - other)
  return { median: rates[rounds >> 1] ?? 0, best: rates.at(-1) ?? 0 }
}
