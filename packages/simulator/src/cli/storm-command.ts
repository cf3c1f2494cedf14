/** `ecs-drain storm` and `ecs-drain storm merge`: many seeds, what they came to, and the failures made small. */
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { seedMost } from '../plan/plan-codec.ts'
import { counted, promiseNames } from '../promise/promise.ts'
import { renderStormReport, type ToldFailure } from '../report/storm-report.ts'
import { type Campaign, type Shard, sampleHash, seedsOfShard } from '../storm/campaign.ts'
import { type CampaignResult, campaignText, mergeCampaigns, readCampaign } from '../storm/campaign-file.ts'
import type { StormFailure } from '../storm/run-seed.ts'
import { shrinkPlan } from '../storm/shrink.ts'
import { stormOf } from '../storm/storm-plan.ts'
import type { Tally } from '../storm/tally.ts'
import { BadInput, type ExitCode, exitCodes } from './exit-codes.ts'
import { checkOutputFiles, type OutputFile, outputFile } from './output-files.ts'
import { quoted } from './quoted.ts'
import { failureText, stormOutput } from './storm-output.ts'
import { createStormProgress } from './storm-progress.ts'
import { runOnWorkers } from './storm-workers.ts'
import { writeWhole } from './write-whole.ts'

/** The options as commander hands them over. */
export interface StormOutputOptions {
  readonly output?: string
  readonly report?: string
  readonly json?: boolean
}

export interface StormCommandOptions extends StormOutputOptions {
  readonly seeds: number
  readonly firstSeed: number
  readonly workers?: number
  readonly shard: Shard
  readonly plans: string
}

/** `workerFile`: the module that works through seeds when it is loaded in a worker. */
export const stormCommand = async (options: StormCommandOptions, workerFile: URL): Promise<ExitCode> => {
  const { seeds, firstSeed, shard, plans } = options
  const campaign: Campaign = { firstSeed, seeds, shard }
  if (firstSeed + seeds - 1 > seedMost) {
    throw new BadInput([`--seeds ${seeds}: expected at most ${seedMost - firstSeed + 1} from seed ${firstSeed} on`])
  }
  const savedPlan = { option: `--plans ${plans}`, file: join(plans, 'storm.json') }
  checkOutputFiles([...outputsOf(options), savedPlan], [])
  const started = performance.now()
  const workers = Math.min(options.workers ?? availableParallelism(), Math.max(1, seedsOfShard(campaign)))
  const progress = createStormProgress(campaign, started)
  const run = runOnWorkers(campaign, workers, workerFile, progress.tell)
  let isInterrupted = false
  const interrupt = (): void => {
    isInterrupted = true
    run.stop()
  }
  process.once('SIGINT', interrupt)
  const tally = await run.finished.finally(() => {
    // What comes now may take long as well, and has nobody to stop it.
    process.off('SIGINT', interrupt)
    progress.done()
  })
  if (isInterrupted) {
    process.stderr.write(
      `ecs-drain: interrupted after ${tally.seeds} of ${seedsOfShard(campaign)} seeds; nothing was written\n`,
    )
    return exitCodes.interrupted
  }
  const seconds = (performance.now() - started) / 1000
  process.stderr.write(
    `ecs-drain: ${counted(tally.seeds, 'seed')} in ${seconds.toFixed(1)} s on ${counted(workers, 'worker')} ` +
      `(${(tally.seeds / seconds).toFixed(0)}/s)\n`,
  )
  const failures = await saveFailures(tally.failures, plans)
  return finish({ campaign, tally, sample: sampleHash }, failures, options)
}

/** Adds shards together. Their failing seeds were made small where they were run; here they are named. */
export const stormMergeCommand = async (
  files: ReadonlyArray<string>,
  options: StormOutputOptions,
): Promise<ExitCode> => {
  const problems: string[] = []
  const results: Array<CampaignResult & { readonly label: string }> = []
  for (const file of files) {
    const text = textOf(file)
    const read = E.isLeft(text) ? text : readCampaign(file, text.right)
    if (E.isLeft(read)) problems.push(...read.left)
    else results.push({ ...read.right, label: file })
  }
  if (problems.length > 0) throw new BadInput(problems)
  checkOutputFiles(outputsOf(options), files)
  const merged = mergeCampaigns(results)
  if (E.isLeft(merged)) throw new BadInput(merged.left)
  const { campaign, sample, tally } = merged.right
  const failures = firstOfEach(tally.failures).map(
    (failure): ToldFailure => ({
      text: failureText(failure),
      command: `npx ecs-drain storm --seeds 1 --first-seed ${failure.seed}`,
    }),
  )
  return finish({ campaign, tally, sample: () => sample }, failures, options)
}

/** `sample` runs worlds of its own, so it is asked only for a result that is written. */
const finish = async (
  { campaign, tally, sample }: Omit<CampaignResult, 'sample'> & { readonly sample: () => string },
  failures: ReadonlyArray<ToldFailure>,
  { output, report, json }: StormOutputOptions,
): Promise<ExitCode> => {
  const isWritten = output !== undefined || json === true
  const result = isWritten ? campaignText({ campaign, sample: sample(), tally }) : ''
  const files: string[] = []
  if (output !== undefined) {
    await writeWhole(output, [result])
    files.push(`Result: ${resolve(output)}`)
  }
  if (report !== undefined) {
    await writeWhole(report, [renderStormReport({ campaign, tally, failures, reproduce: againCommand(campaign) })])
    files.push(`Report: ${resolve(report)}`)
  }
  if (json === true) {
    process.stdout.write(result)
    for (const { text, command } of failures) process.stderr.write(`ecs-drain: ${text}\necs-drain: again: ${command}\n`)
  } else process.stdout.write(stormOutput(campaign, tally, failures, files))
  return codeOf(tally)
}

/** A host let go too early is worse than one that waits. */
const codeOf = ({ broken, threw }: Tally): ExitCode => {
  if (broken.some((count, index) => count > 0 && promiseNames[index]?.startsWith('S'))) return exitCodes.promiseBroken
  if (threw > 0) return exitCodes.threw
  return broken.some((count) => count > 0) ? exitCodes.livenessBroken : exitCodes.ok
}

/** The lowest seed for each promise; the others most likely tell the same story. */
const firstOfEach = (failures: ReadonlyArray<StormFailure>): ReadonlyArray<StormFailure> =>
  failures.filter(({ broke }, index) => failures.findIndex((other) => other.broke === broke) === index)

const saveFailures = async (
  failures: ReadonlyArray<StormFailure>,
  folder: string,
): Promise<ReadonlyArray<ToldFailure>> => {
  const told: ToldFailure[] = []
  for (const failure of firstOfEach(failures)) {
    const { seed, broke } = failure
    const { plan } = stormOf(seed)
    const started = performance.now()
    const shrunk = shrinkPlan(plan, broke)
    const file = join(folder, `storm-${seed}-${broke.split(' ')[0]}.json`)
    // What threw in the text of messages alone does not throw without: then the whole plan is kept.
    const saved = { ...(shrunk?.plan ?? plan), teaches: failureText(failure).slice(0, 4000) }
    await writeWhole(file, [`${JSON.stringify(saved, null, 2)}\n`])
    const small =
      shrunk === null
        ? 'not made smaller'
        : `made smaller in ${shrunk.replays} runs: ${counted(shrunk.faults, 'fault')}, ` +
          `${counted(shrunk.instances, 'instance')}; ${shrunk.witness}`
    process.stderr.write(
      `ecs-drain: seed ${seed} made smaller in ${((performance.now() - started) / 1000).toFixed(2)} s\n`,
    )
    told.push({
      text: `${failureText(failure)}\n${small}`,
      command: `npx ecs-drain simulate ${quoted(file)} --controller ecs-drain`,
    })
  }
  return told
}

const againCommand = ({ firstSeed, seeds, shard }: Campaign): string =>
  [
    `npx ecs-drain storm --seeds ${seeds}`,
    ...(firstSeed === 0 ? [] : [`--first-seed ${firstSeed}`]),
    ...(shard.count === 1 ? [] : [`--shard ${shard.index}/${shard.count}`]),
  ].join(' ')

const outputsOf = ({ output, report }: StormOutputOptions): ReadonlyArray<OutputFile> => [
  ...outputFile('--output', output),
  ...outputFile('--report', report),
]

const textOf = (file: string): E.Either<ReadonlyArray<string>, string> => {
  if (!existsSync(file)) return E.left([`${file}: there is no such file`])
  return E.tryCatch(
    () => readFileSync(file, 'utf8'),
    (error) => [`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`],
  )
}
