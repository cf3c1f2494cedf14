/** S4: a lifecycle action ends once. */
import { hookEndings } from '../trace/trace.ts'
import { atText, createVerdict, type Evidence, instanceText, type Watch } from './promise.ts'

export const oneCompletionPerAction = ({ cast, drains }: Evidence): Watch => {
  const verdict = createVerdict(
    'S4 one completion per action',
    'At most one completion takes effect per lifecycle action.',
  )
  return {
    kinds: ['hook-ended'],
    see: (at, _kind, number, ending) => {
      const action = drains.actions.get(number)
      if (action === undefined || !action.ours) return
      verdict.occasion()
      if (action.endings < 2) return
      verdict.broken(
        () =>
          `${atText(at)} the lifecycle action of ${instanceText(cast, action.instance)} ended a second time, ` +
          `with ${hookEndings[ending] ?? 'unknown'}; it had ended ${atText(action.endedAt ?? at)}`,
      )
    },
    result: () => verdict.result(),
  }
}
