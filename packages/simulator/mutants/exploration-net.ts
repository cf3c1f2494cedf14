/**
 * The exploration as a net for one mutant: the checker's models one after another, each up to so many states, until one breaks a
 * promise or never reaches what it is there for. Bundled with the mutated core. Prints one line of JSON.
 */
import { explore } from '../src/check/explore.ts'
import { models } from '../src/check/models.ts'

/** What the exploration came to; `found` null: nothing. */
export interface ExplorationCatch {
  readonly seconds: number
  readonly states: number
  readonly found: { readonly model: string; readonly broke: string; readonly steps: number } | null
}

const [statesMost = 0, secondsMost = 0] = process.argv.slice(2).map(Number)

const search = (): ExplorationCatch => {
  const started = performance.now()
  const since = (): number => (performance.now() - started) / 1000
  let states = 0
  for (const model of models) {
    if (since() > secondsMost) break
    const result = explore(model, { states: statesMost })
    states += result.states
    const { counterexample, outcome } = result
    if (outcome === 'holds' || outcome === 'bounded') continue
    return {
      seconds: since(),
      states,
      found: {
        model: model.name,
        broke: counterexample?.promise ?? `never reached: ${result.neverReached.join(', ')}`,
        steps: counterexample?.story.length ?? 0,
      },
    }
  }
  return { seconds: since(), states, found: null }
}

process.stdout.write(`${JSON.stringify(search())}\n`)
