/** What `ecs-drain check` prints for people. */

import type { Exploration } from '../check/explore.ts'
import type { Model } from '../check/model.ts'
import { tickMs } from '../check/model.ts'
import { costs } from '../check/state/cluster-state.ts'
import { counted, grouped } from '../promise/promise.ts'

/** `ecs-drain check --list`. */
export const modelsText = (models: ReadonlyArray<Model>): string => {
  const width = Math.max(...models.map(({ name }) => name.length))
  return models.map(({ name, teaches }) => `${name.padEnd(width)}  ${teaches}\n`).join('')
}

/** One model's exploration: the verdict first, then what was looked at, then the story, if there is one. */
export const explorationText = (model: Model, result: Exploration): string =>
  [
    `${model.name}: ${verdictText(result)}`,
    `  ${counted(result.states, 'state')}, ${counted(result.transitions, 'transition')}, depth ${result.depth}, ` +
      `${result.seconds.toFixed(1)} s, ${grouped(result.statesPerSecond)} states/s, ${result.megabytes} MB of tables` +
      (result.reduction ? ', reduced' : ''),
    `  ${counted(result.interned['situations'] ?? 0, 'situation')} of an instance, ` +
      `${counted(result.interned['streams'] ?? 0, 'drain')}, ${counted(result.interned['invocations'] ?? 0, 'step')} of an invocation, ` +
      `${counted(result.interned['coreCalls'] ?? 0, 'call')} of core`,
    ...(result.liveness === null ? [] : [`  ${livenessText(result.liveness)}`]),
    `  bounds: ${boundsText(model)}`,
    ...(result.wakeUpsForgone === 0
      ? []
      : [`  ${counted(result.wakeUpsForgone, 'step')} would have had a fifth wake-up under way, which was left out`]),
    ...result.neverReached.map((name) => `  never reached: ${name}`),
    ...storyLines(result),
    '',
  ].join('\n')

const verdictText = ({ outcome, cutBy, counterexample, liveness }: Exploration): string => {
  switch (outcome) {
    case 'holds':
      // Without sweeps only what events alone must bring about was asked.
      return Object.keys(liveness?.doomed ?? {}).length > 1
        ? 'S1 to S5, L1 and L2 hold in every state'
        : 'S1 to S5 hold in every state, and L1 by events alone'
    case 'safety':
    case 'liveness':
      return `BROKEN: ${counterexample?.promise ?? ''}`
    case 'never-reached':
      return 'nothing is broken, but something that should happen never does'
    case 'bounded':
      return `nothing found, but NOT COMPLETE: cut by its bound on ${cutBy ?? ''}`
  }
}

const livenessText = ({ doomed, passes, statesPerSecond }: NonNullable<Exploration['liveness']>): string => {
  const total = Object.values(doomed).reduce((sum, count) => sum + count, 0)
  return `${counted(total, 'doomed state')} (${passes} passes, ${grouped(statesPerSecond)} states/s)`
}

const boundsText = (model: Model): string => {
  const kinds = costs.filter((name) => model.misfortunes[name] > 0)
  const misfortunes =
    kinds.length === 0 || model.misfortunesInTotal === 0
      ? 'no misfortune'
      : `${counted(model.misfortunesInTotal, 'misfortune')} on a path (${kinds.join(', ')})`
  return [
    `${counted(model.instances, 'instance')} with ${counted(model.tasks.length, 'task')}`,
    `${counted(model.handlers, 'function')} at once`,
    misfortunes,
    model.sweeps ? 'any number of sweeps' : 'no sweeps',
    `ticks of ${tickMs / 1000} s without end`,
  ].join('; ')
}

const storyLines = ({ counterexample }: Exploration): ReadonlyArray<string> =>
  counterexample === null
    ? []
    : [
        '',
        `  ${counterexample.promise}: ${counterexample.says}`,
        '',
        ...counterexample.story.map(({ text }, index) => `  ${String(index + 1).padStart(3)}. ${text}`),
      ]
