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

  const drained = (at: number, instance: number): void => {
    if (drains.drainedByOthers(at, instance) && !drains.isToGo(instance)) {
      verdict.exclude(`${instanceText(cast, instance)}: somebody else set it DRAINING`)
      return
    }
    verdict.occasion()
    if (drains.isToGo(instance)) return
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
