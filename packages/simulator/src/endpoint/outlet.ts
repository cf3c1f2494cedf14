/** How a message leaves the world: for the inbox, or as the event with which somebody's function is called. */
import type { Message } from '../controller/controller.ts'
import { functionText, notifiesOf, queueText } from '../wire/envelope-text.ts'
import { messageDone } from '../world/lambda/functions.ts'
import { withDetail } from './event-detail.ts'
import type { Invoker } from './invoker.ts'
import type { Mail, Session } from './session.ts'
import type { Output } from './wire/output.ts'

/** What was sent from outside, under the id that its sender was told. */
export interface SentMail extends Pick<Mail, 'body' | 'attributes'> {
  readonly id: string
  /** The event of a function, where one is called with it; null: it is for the queue. */
  readonly event: string | null
}

/** What there is to a message beyond what the world knows of it: what it carries, sent from outside; what of ECS it is about. */
export interface Luggage {
  readonly mail: SentMail | undefined
  readonly detail: Output | undefined
}

/** Without an invoker everything goes to the inbox. */
export const leave = (session: Session, message: Message, { mail, detail }: Luggage, invoker: Invoker | null): void => {
  const { plan, world } = session
  const notifies = notifiesOf(plan, world.directory, message)
  const event = invoker === null ? null : (mail?.event ?? functionText(message, world.directory, notifies))
  if (invoker !== null && event !== null) return call(session, invoker, message, withDetail(event, detail))
  const body = mail?.body ?? withDetail(queueText(message, world.directory, notifies), detail)
  const letter = {
    id: mail?.id ?? session.newId(),
    body,
    attributes: mail?.attributes ?? {},
    sentAt: world.now,
    done: () => messageDone(world, message),
  }
  session.queues[0].put(letter, world.now)
}

const call = (session: Session, invoker: Invoker, message: Message, text: string): void => {
  const { world, queues } = session
  const done = (): void => messageDone(world, message)
  let number = -1
  invoker.invoke({
    text,
    begun: () => {
      number = session.beginInvocation(1)
    },
    ended: (succeeded) => {
      session.endInvocation(number, succeeded ? 0 : 1)
      if (succeeded) done()
    },
    failed: () => {
      // Nobody waits any more for what lies there.
      done()
      queues[1].put({ id: session.newId(), body: text, attributes: {}, sentAt: world.now, done: () => {} }, world.now)
    },
  })
}
