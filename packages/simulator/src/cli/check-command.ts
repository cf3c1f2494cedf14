/** `ecs-drain check`: explores one model or all of them, and prints what came of it. */
import { type Counterexample, type Exploration, explore, type Outcome, type ProgressFigures } from '../check/explore.ts'
import type { Model } from '../check/model.ts'
import { models } from '../check/models.ts'
import { nearest } from '../plan/strict-codecs.ts'
import { counted, grouped } from '../promise/promise.ts'
import { explorationText, modelsText } from './check-output.ts'
import { BadInput, type ExitCode, exitCodes } from './exit-codes.ts'
import { checkOutputFiles, outputFile } from './output-files.ts'
import { quoted } from './quoted.ts'
import { repeated, seedsTried } from './repeated.ts'
import { writeWhole } from './write-whole.ts'

/** The options as commander hands them over. */
export interface CheckCommandOptions {
  readonly list?: boolean
  readonly depth?: number
  readonly states?: number
  readonly memory?: number
  readonly misfortunes?: number
  readonly symmetry: boolean
  readonly reduction: 'on' | 'off'
  readonly json?: boolean
  readonly plan?: string
}

const progressEveryMs = 1000

/** Throws BadInput for a model that does not exist, and for a file that cannot be written, before anything has run. */
export const checkCommand = async (name: string | undefined, options: CheckCommandOptions): Promise<ExitCode> => {
  if (options.list === true) {
    process.stdout.write(options.json === true ? `${JSON.stringify(models, null, 2)}\n` : modelsText(models))
    return exitCodes.ok
  }
  const chosen = name === undefined ? models : [modelNamed(name)]
  if ((options.misfortunes ?? 0) > 0 && !chosen.some(hasMisfortunes))
    throw new BadInput([`--misfortunes: the model ${name} has none of which there could be more`])
  checkOutputFiles(outputFile('--plan', options.plan), [])
  const results = chosen.map((model) => {
    const asked = withMisfortunes(model, options.misfortunes)
    const result = explore(asked, {
      ...boundsOf(options),
      symmetry: options.symmetry,
      reduction: options.reduction === 'on',
      progress: progressOf(model.name),
    })
    if (options.json !== true) process.stdout.write(explorationText(asked, result))
    return result
  })
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(name === undefined ? results : results[0], null, 2)}\n`)
  }
  const broken = results.find(({ counterexample }) => counterexample !== null)?.counterexample
  if (options.plan !== undefined && broken !== undefined && broken !== null) await writePlan(options.plan, broken)
  return exitCodeOf(results)
}

const writePlan = async (file: string, { plan, promise }: Counterexample): Promise<void> => {
  const again = repeated(plan, promise)
  await writeWhole(file, [`${JSON.stringify(again ?? plan, null, 2)}\n`])
  const unlike =
    again === null
      ? `; the simulator, in its own time, does not break ${promise} with it, under ${seedsTried} seeds`
      : ''
  process.stderr.write(
    `ecs-drain: wrote ${file}${unlike}; npx ecs-drain simulate ${quoted(file)} --controller ecs-drain\n`,
  )
}

/** Where one line per model is needed to find out, the gravest counts. */
const gravity: ReadonlyArray<Outcome> = ['safety', 'liveness', 'never-reached', 'bounded', 'holds']

const codes: Readonly<Record<Outcome, ExitCode>> = {
  holds: exitCodes.ok,
  safety: exitCodes.promiseBroken,
  liveness: exitCodes.livenessBroken,
  'never-reached': exitCodes.neverReached,
  bounded: exitCodes.boundHit,
}

const exitCodeOf = (results: ReadonlyArray<Exploration>): ExitCode =>
  codes[gravity.find((outcome) => results.some((result) => result.outcome === outcome)) ?? 'holds']

const modelNamed = (name: string): Model => {
  const model = models.find((each) => each.name === name)
  if (model !== undefined) return model
  const names = models.map((each) => each.name)
  const near = nearest(name, names)
  throw new BadInput([
    `${name}: there is no such model; ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : '"ecs-drain check --list" lists them'}`,
  ])
}

const hasMisfortunes = ({ misfortunes }: Model): boolean => Object.values(misfortunes).some((most) => most > 0)

/** More misfortunes on one path, of the kinds that the model has; each at most as often as the model says, or as asked for. */
const withMisfortunes = (model: Model, total: number | undefined): Model => {
  if (total === undefined) return model
  const { misfortunes } = model
  const raised = (each: number): number => (each === 0 ? 0 : Math.max(each, total))
  return {
    ...model,
    misfortunes: {
      lost: raised(misfortunes.lost),
      duplicated: raised(misfortunes.duplicated),
      crashes: raised(misfortunes.crashes),
      failures: raised(misfortunes.failures),
      unanswered: raised(misfortunes.unanswered),
      hookTimeouts: raised(misfortunes.hookTimeouts),
    },
    misfortunesInTotal: total,
  }
}

const boundsOf = ({ depth, states, memory }: CheckCommandOptions) => ({
  ...(depth === undefined ? {} : { depth }),
  ...(states === undefined ? {} : { states }),
  ...(memory === undefined ? {} : { memory }),
})

/** A line now and then, on stderr; nothing for what is over in a moment. */
const progressOf = (name: string): ((figures: ProgressFigures) => void) => {
  let shownAt = performance.now()
  return ({ states, depth, statesPerSecond }) => {
    if (performance.now() - shownAt < progressEveryMs) return
    shownAt = performance.now()
    const speed = grouped(Math.round(statesPerSecond))
    process.stderr.write(`ecs-drain: ${name}: ${counted(states, 'state')}, depth ${depth}, ${speed} states/s\n`)
  }
}
