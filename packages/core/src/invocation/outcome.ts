/** What carrying an effect out comes to: another call, or the outcome. */
import { type Effect, leftBehindOf, taskOf } from '../effect/effect.ts'
import type { Failure } from '../observation/failure.ts'
import type { Outcome } from '../observation/observation.ts'
import type { Answer } from './call.ts'

/** What follows from a reply: the same with its next call outstanding, or what it came to. */
export type Carried<Carrying> =
  | { readonly type: 'next'; readonly carrying: Carrying }
  | { readonly type: 'outcome'; readonly outcome: Outcome }

/** Another call is to be made for it. */
export const goOnWith = <Carrying>(carrying: Carrying): Carried<Carrying> => ({ type: 'next', carrying })

/** It is done, and came to this. */
export const cameTo = (outcome: Outcome): Carried<never> => ({ type: 'outcome', outcome })

/** The words with which Auto Scaling says that nothing waits under that token or id, in a 400 `ValidationError` (R7). */
const notActivePrefix = 'No active Lifecycle Action found'

/** "No active Lifecycle Action found", by its prefix: the rest of the sentence names a token or an instance. */
export const isNotActive = (failure: Failure): boolean =>
  failure.type === 'Rejected' && failure.message.startsWith(notActivePrefix)

export const effectFailed = (effect: Effect, failure: Failure): Outcome => ({
  type: 'EffectFailed',
  effect: effect.type,
  task: taskOf(effect),
  failure,
})

const isGone = (word: string | undefined): boolean => word === 'MISSING' || word === 'INACTIVE'

/** HTTP 200 may still mean no: `failures[]` is read before anything is believed (R3). */
export const statusOutcome = (
  effect: Extract<Effect, { type: 'SetDraining' | 'SetActive' | 'ReadTasks' }>,
  { containerInstances, failures }: Answer<'UpdateContainerInstancesState' | 'DescribeContainerInstances'>,
): Outcome => {
  const isLeftBehind = (arn: string): boolean => leftBehindOf(effect).some((one) => one === arn)
  // One that was left behind may be gone: nothing is placed there, and what is known of its tasks is kept.
  const refused = failures.filter(({ arn, reason }) => !(isLeftBehind(arn) && isGone(reason)))
  const failure = refused.find(({ arn }) => arn === effect.containerInstance) ?? refused[0]
  const shown = containerInstances.find(({ arn }) => arn === effect.containerInstance)
  const gone = [failure?.reason, shown?.status].find(isGone)
  if (gone !== undefined) return { type: 'ContainerInstanceLost', reason: gone }
  if (failure !== undefined) {
    const { arn, reason } = failure
    return effectFailed(effect, { type: 'Rejected', code: reason, message: `${arn}: ${reason}` })
  }
  if (shown?.status === 'ACTIVE' && effect.type !== 'SetDraining') return { type: 'ContainerInstanceActive' }
  const left = containerInstances.filter(({ arn, status }) => isLeftBehind(arn) && !isGone(status))
  const other = left.find(({ status }) => status !== 'DRAINING')
  if (shown?.status === 'DRAINING' && other === undefined && effect.type !== 'SetActive') {
    return { type: 'ContainerInstanceDrains', agentConnected: shown.agentConnected }
  }
  const wanted = effect.type === 'SetActive' ? 'ACTIVE' : 'DRAINING'
  const message = `asked for ${wanted}, the answer says ${(other ?? shown)?.status ?? 'nothing'}`
  return effectFailed(effect, { type: 'Unavailable', message })
}
