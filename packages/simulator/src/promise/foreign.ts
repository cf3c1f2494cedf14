/** S3: what is not ours is left alone. */
import { CONTAINER_INSTANCE, DRAINING, HOOK_ENDED, HOOK_HEARTBEAT } from '../trace/kind-numbers.ts'
import { hookEndings } from '../trace/trace.ts'
import { isAnswer } from './drains.ts'
import { atText, createVerdict, type Evidence, instanceText, type Watch } from './promise.ts'

export const foreignIsLeftAlone = ({ cast, drains }: Evidence): Watch => {
  const verdict = createVerdict(
    'S3 foreign hooks and instances',
    "Somebody else's hook is never answered, and an instance is set DRAINING only after a lifecycle action of ours.",
  )

  const answered = (at: number, number: number, how: string): void => {
    const entry = cast.actions[number]
    if (entry === undefined || entry.ours) return
    verdict.broken(
      () =>
        `${atText(at)} the hook ${entry.hook} of ${instanceText(cast, entry.instance)} got a ${how}; it is not ours`,
    )
  }

  /**
   * An action that was answered announces nothing of an instance that its warm pool has given back. Where it ended by itself,
   * the controller may not have heard of that yet.
   */
  const isToGo = (instance: number): boolean => {
    const action = drains.ofInstance(instance)
    if (action === undefined) return false
    return !drains.isBack(instance) || !isAnswer(action.ending)
  }

  const drained = (at: number, instance: number): void => {
    if (drains.drainedByOthers(at, instance) && !isToGo(instance)) {
      verdict.exclude(`${instanceText(cast, instance)}: somebody else set it DRAINING`)
      return
    }
    verdict.occasion()
    if (isToGo(instance)) return
    verdict.broken(
      () => `${atText(at)} ${instanceText(cast, instance)} was set DRAINING; no hook of ours had announced its end`,
    )
  }

  return {
    kinds: ['hook-started', 'hook-heartbeat', 'hook-ended', 'container-instance'],
    see: (at, kind, a, b) => {
      if (kind === CONTAINER_INSTANCE) {
        if (b === DRAINING) drained(at, cast.instances[a]?.host ?? a)
      } else if (kind === HOOK_HEARTBEAT) answered(at, a, 'heartbeat')
      else if (kind === HOOK_ENDED) {
        if (isAnswer(b)) answered(at, a, hookEndings[b] ?? '')
      } else if (cast.actions[a]?.ours === false) verdict.occasion()
    },
    result: () => verdict.result(),
  }
}
