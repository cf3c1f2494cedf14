/** A function begins with one message that is under way, or with two. */
import { handled, type InternedCore } from '../core/interned-core.ts'
import type { Model } from '../model.ts'
import * as message from '../state/message-code.ts'
import { copiesUnderWay, type Handler } from '../state/share.ts'
import { bitOf } from './occurrence.ts'
import type { StepDraft } from './step-draft.ts'

const cameTwice = bitOf('a message came in two copies')
const foreignIgnored = bitOf("another hook's notice was ignored")
const twoAtWork = bitOf('two functions were at work on one stream')

export const createDeliveries = (draft: StepDraft, model: Model, core: InternedCore): ((place: number) => void) => {
  const { after, terms, change, emit, proceed } = draft

  const deliveries = (place: number): void => {
    const codes = codesUnderWay()
    for (const code of codes) deliver(place, code, message.none)
    if (model.batch < 2) return
    for (const first of codes) for (const second of codes) if (first !== second) deliver(place, first, second)
  }

  const codesUnderWay = (): ReadonlyArray<number> => {
    const codes: Array<number> = []
    if (draft.source.terminations > 0) codes.push(message.termination)
    if (draft.source.foreignTerminations > 0) codes.push(message.foreignTermination)
    if (draft.source.drainingEvents > 0) codes.push(message.drainingEvent)
    draft.source.stoppedEvents.forEach((count, task) => {
      if (count > 0) codes.push(message.taskStopped + task)
    })
    for (const each of draft.source.wakeUps) {
      const code = message.wakeUp + ((each - 1) & 7)
      if (each > 0 && each - 1 < 8 && !codes.includes(code)) codes.push(code)
    }
    return codes
  }

  const take = (code: number): void => {
    if (code === message.none) return
    if (code >= message.wakeUp) after.wakeUps[after.wakeUps.indexOf(code - message.wakeUp + 1)] = 0
    else if (code >= message.taskStopped) {
      const task = code - message.taskStopped
      after.stoppedEvents[task] = (after.stoppedEvents[task] as number) - 1
    } else if (code === message.termination) after.terminations -= 1
    else if (code === message.foreignTermination) after.foreignTerminations -= 1
    else after.drainingEvents -= 1
  }

  const deliver = (place: number, first: number, second: number): void => {
    change()
    take(first)
    take(second)
    const codes = second === message.none ? [first] : [first, second]
    const next = core.delivered(draft.source.stream, draft.source.indexed, draft.source.startAge, codes)
    terms.reached = reachedByDelivery(codes, next === handled)
    const handler = after.handlers[place] as Handler
    handler.held[0] = first
    handler.held[1] = second
    proceed(handler, next)
    if (after.handlers[0]?.invocation !== 0 && after.handlers[1]?.invocation !== 0) terms.reached |= twoAtWork
    emit({ type: 'delivered', subject: first | (second << 4), copies: 1, code: 0 })
  }

  /** There is one notice of a termination, and one event of a task: who finds two finds a duplicate. */
  const reachedByDelivery = (codes: ReadonlyArray<number>, isIgnored: boolean): number => {
    let reached = 0
    for (const code of codes) {
      if (code === message.foreignTermination && codes.length === 1 && isIgnored) reached |= foreignIgnored
      if (copiesUnderWay(draft.source, code) > 1) reached |= cameTwice
    }
    return reached
  }

  return deliveries
}
