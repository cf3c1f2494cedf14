/** The long way from a message to its notice: as JSON text, through core's own codecs, like in production. */
import { decodeEnvelope, type Notice } from '@ecs-drain/core'
import type { Directory, Execution, Message } from '../controller/controller.ts'
import type { Plan } from '../plan/plan.ts'
import { createEnvelopeWriter, envelopeText, notifiesOf } from './envelope-text.ts'

/** Reads what AWS would have sent. Throws where core cannot read it: then this world writes something AWS does not. */
export const readText = (plan: Plan) => {
  let known: Directory | null = null
  let write = envelopeText
  return (message: Message, { directory }: Execution): Notice => {
    if (directory !== known) {
      known = directory
      write = createEnvelopeWriter(directory)
    }
    const text = write(message, directory, notifiesOf(plan, directory, message))
    const [delivery] = decodeEnvelope(text)
    if (delivery?.notice._tag !== 'Right') {
      throw new Error(
        `not readable: ${delivery?.notice._tag === 'Left' ? delivery.notice.left.join('; ') : 'nothing'}: ${text}`,
      )
    }
    return delivery.notice.right
  }
}
