/** S1: no host is let go while a task on it still serves, unless a deadline says so. */
import { ABANDON, CONTINUE, HOOK_ENDED, TASK_PLACED } from '../trace/kind-numbers.ts'
import { hookEndings, taskStatuses } from '../trace/trace.ts'
import { type Action, activeUnseen, registeredTooLate } from './drains.ts'
import { atText, createVerdict, type Evidence, instanceText, taskText, type Watch } from './promise.ts'

export const noEarlyCompletion = ({ cast, ledger, drains }: Evidence): Watch => {
  const verdict = createVerdict(
    'S1 no early completion',
    'When an answer that no deadline forced lets a host go, every task that was ever on the instance has STOPPED.',
  )

  /** Tasks that were placed on an instance which somebody had set ACTIVE unseen, and when he had. */
  const cameTo = new Map<number, number>()

  /** A host is gone after an ABANDON as well, but where its group retains it. */
  const isLetGo = (ending: number, instance: number): boolean =>
    ending === CONTINUE || (ending === ABANDON && drains.groupOf(instance)?.terminateHookAbandon !== 'retain')

  const ended = (at: number, number: number, ending: number): void => {
    const action = drains.actions.get(number)
    if (action === undefined || !action.ours || !isLetGo(ending, action.instance)) return
    verdict.occasion()
    if (ledger.openOn(action.instance) === 0) return
    const why = excuse(at, action)
    if (why === undefined) verdict.broken(() => witnessOf(at, action, hookEndings[ending] ?? ''))
    else verdict.exclude(`${instanceText(cast, action.instance)}: ${why}`)
  }

  const excuse = (at: number, action: Action): string | undefined => {
    if (action.cameTooLate) return registeredTooLate
    if (haveComeSince(action.instance, drains.activeUnseenSince(action.instance))) return activeUnseen
    return action.forced ? `forced by its deadline ${atText(at)}` : undefined
  }

  const witnessOf = (at: number, { instance }: Action, ending: string): string => {
    const left = ledger.openTasksOn(instance)
    const first = left[0] ?? -1
    const status = taskStatuses[ledger.statusOf(first)] ?? 'unknown'
    const others = left.length > 1 ? ` (and ${left.length - 1} more)` : ''
    return (
      `${atText(at)} ${ending} took effect for ${instanceText(cast, instance)} ` +
      `while ${taskText(cast, first)} on it was ${status}${others}`
    )
  }

  /** Whether all that is left on it has come since then. */
  const haveComeSince = (instance: number, since: number | undefined): boolean =>
    since !== undefined && ledger.openTasksOn(instance).every((task) => cameTo.get(task) === since)

  /** A placement under way is not called back by DRAINING (R5): such a task comes to a host that is leaving. */
  const placed = (at: number, task: number, instance: number): void => {
    const unseenSince = drains.activeUnseenSince(instance)
    if (unseenSince !== undefined) cameTo.set(task, unseenSince)
    const action = drains.ofInstance(instance)
    if (action === undefined || !isLetGo(action.ending, instance) || action.forced) return
    if (!action.wasRegistered || drains.isBack(instance)) return
    if (unseenSince !== undefined) {
      verdict.exclude(`${instanceText(cast, instance)}: ${activeUnseen}`)
      return
    }
    verdict.broken(
      () =>
        `${atText(at)} ${taskText(cast, task)} appeared on ${instanceText(cast, instance)}, ` +
        `which ${hookEndings[action.ending] ?? ''} had let go ${atText(action.endedAt ?? at)}`,
    )
  }

  return {
    kinds: ['hook-ended', 'task-placed'],
    see: (at, kind, a, b) => {
      if (kind === HOOK_ENDED) ended(at, a, b)
      else if (kind === TASK_PLACED) placed(at, a, b)
    },
    result: () => verdict.result(),
  }
}
