/**
 * `pnpm mutants [--net=NAME] [--markdown] [MUTANT...]`: every mutant against every net, or one; the table of docs/mutants.md
 * besides. Exit code 1 when one survives all of them, 2 for a name that is none, 3 when a net catches core as it is.
 */
import { mutants } from './mutants.ts'
import { type Catch, explorationNet, type Net, stormNet, testsNet } from './nets.ts'
import type { Shrinking } from './storm-net.ts'

const seedsMost = 1500
const secondsMost = 30
const statesMost = 150_000
const explorationSecondsMost = 30

const given = process.argv.slice(2)
const only = given.find((word) => word.startsWith('--net='))?.slice('--net='.length)
const isMarkdown = given.includes('--markdown')
const wanted = given.filter((word) => !word.startsWith('--net=') && word !== '--markdown')
const unknown = wanted.filter((name) => !mutants.some((mutant) => mutant.name === name))
if (unknown.length > 0) {
  process.stderr.write(`mutants: there is none called ${unknown.join(', ')}\n`)
  process.exit(2)
}

const allNets: ReadonlyArray<Net> = [
  testsNet,
  stormNet(seedsMost, secondsMost),
  explorationNet(statesMost, explorationSecondsMost),
]
const nets = only === undefined ? allNets : allNets.filter(({ name }) => name === only)
if (nets.length === 0) {
  process.stderr.write(`mutants: --net=${only}: expected one of ${allNets.map(({ name }) => name).join(', ')}\n`)
  process.exit(2)
}

const chosen = wanted.length === 0 ? mutants : mutants.filter(({ name }) => wanted.includes(name))
const width = Math.max(...chosen.map(({ name }) => name.length))

const perRun = ({ records, replays }: Shrinking): number => Math.round(records / replays)

const told = (result: Catch): string => {
  const { caught, seconds, by, storm } = result
  if (!caught) return `- (${seconds.toFixed(1)} s${storm === undefined ? '' : `, ${storm.seeds} seeds`})`
  const shrunk = storm?.found?.shrunk
  const small = shrunk === undefined || shrunk === null ? '' : `; ${shrinking(shrunk)}`
  return `${seconds.toFixed(1)} s, ${by}${small}`
}

const shrinking = (shrunk: Shrinking): string =>
  `shrunk to ${shrunk.faults} faults, ${shrunk.instances} instances in ${shrunk.replays} runs ` +
  `of ${perRun(shrunk)} records, ${shrunk.seconds.toFixed(2)} s`

const smallest = (shrunk: Shrinking | null | undefined): string =>
  shrunk === undefined || shrunk === null
    ? ''
    : `${shrunk.faults}, ${shrunk.instances}, ${shrunk.replays}, ${shrunk.seconds.toFixed(2)} s`

for (const net of nets) {
  const { caught, by } = await net.cast(null)
  if (!caught) continue
  process.stderr.write(`mutants: ${net.name} catch core without a mutant: ${by}\n`)
  process.exit(3)
}

const rows: string[] = []
let withoutTests = 0
const survivors: string[] = []
const shrinkings: Shrinking[] = []
const caughtBy = new Map<string, number>()
for (const mutant of chosen) {
  const lines: string[] = []
  const cells = [mutant.name, mutant.why]
  let caught = false
  let isCaughtElsewhere = false
  for (const net of nets) {
    const result = await net.cast(mutant)
    const shrunk = result.storm?.found?.shrunk
    if (shrunk !== undefined && shrunk !== null) shrinkings.push(shrunk)
    if (result.caught) {
      caught = true
      if (net !== testsNet) isCaughtElsewhere = true
      caughtBy.set(net.name, (caughtBy.get(net.name) ?? 0) + 1)
    }
    lines.push(`  ${net.name}: ${told(result)}`)
    cells.push(result.caught ? result.inShort : '–')
    if (result.storm !== undefined) cells.push(smallest(shrunk))
  }
  if (!caught) survivors.push(mutant.name)
  if (isCaughtElsewhere) withoutTests += 1
  rows.push(`| ${cells.join(' | ')} |`)
  process.stdout.write(`${mutant.name.padEnd(width)}  ${caught ? 'caught' : 'SURVIVED'}\n${lines.join('\n')}\n`)
}

for (const { name } of nets) {
  process.stdout.write(`${name}: caught ${caughtBy.get(name) ?? 0} of ${chosen.length}\n`)
}
process.stdout.write(`storm or exploration, without any test: caught ${withoutTests} of ${chosen.length}\n`)
if (shrinkings.length > 0) {
  const seconds = shrinkings.map((each) => each.seconds).sort((one, other) => one - other)
  const replays = shrinkings.map((each) => each.replays).sort((one, other) => one - other)
  const small = shrinkings.filter(({ faults, instances }) => faults <= 3 && instances <= 2).length
  const quick = seconds.filter((each) => each <= 1).length
  process.stdout.write(
    `shrunk ${shrinkings.length} failures: ${small} to at most 3 faults and 2 instances, ${quick} within a second; ` +
      `median ${seconds[seconds.length >> 1]?.toFixed(2)} s and ${replays[replays.length >> 1]} runs, ` +
      `worst ${seconds.at(-1)?.toFixed(2)} s and ${replays.at(-1)} runs\n`,
  )
}
process.stdout.write(survivors.length === 0 ? 'none survived\n' : `survived: ${survivors.join(', ')}\n`)
if (isMarkdown) process.stdout.write(`\n${rows.join('\n')}\n`)
process.exitCode = survivors.length === 0 ? 0 : 1
