/** One request of one operation: let in by the plan's buckets and luck, and applied to the world at its present moment. */
import type { Failure } from '@ecs-drain/core'
import { callFromOutside } from '../world/lambda/calls.ts'
import type { Operation } from './operation.ts'
import type { Service } from './service.ts'
import type { Session } from './session.ts'
import { AwsError } from './wire/aws-error.ts'
import type { Output } from './wire/output.ts'
import { readShape } from './wire/shape.ts'

export type Outcome =
  | { readonly type: 'answered'; readonly output: Output }
  | { readonly type: 'refused'; readonly error: AwsError }
  /** Nobody hears of it; it may have been applied. */
  | { readonly type: 'silent' }

/** `given` is what the protocol has read; it is held against the operation's shape first, which costs no token. */
export const carryOut = (session: Session, service: Service, operation: Operation, given: unknown): Outcome => {
  try {
    const input = readShape(operation.input, given, service.complaints)
    if (!operation.isGated) return { type: 'answered', output: operation.answer({ session, staleMs: 0 }, input) }
    return letIn(session, service, operation, input)
  } catch (error) {
    if (error instanceof AwsError) return { type: 'refused', error }
    throw error
  }
}

const letIn = (session: Session, service: Service, operation: Operation, input: unknown): Outcome => {
  let refusal: AwsError | undefined
  const result = callFromOutside<{ readonly output: Output }>(
    session.world,
    {
      operation: operation.name,
      isWrite: operation.isWrite,
      subject: operation.subject(session, input),
      invocation: session.invocation,
    },
    (staleMs) => {
      try {
        return { output: operation.answer({ session, staleMs }, input) }
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        refusal = error
        return { failure: failureOf(error) }
      }
    },
  )
  if (!('failure' in result)) return { type: 'answered', output: result.output }
  switch (result.failure.type) {
    case 'Throttled':
      return { type: 'refused', error: service.throttled() }
    case 'Unavailable':
      return { type: 'refused', error: unavailable(service, operation) }
    case 'TimedOut':
      return { type: 'silent' }
    case 'NotFound':
    case 'Rejected':
    case 'AccessDenied':
      return { type: 'refused', error: refusal ?? service.unavailable() }
  }
}

/** An operation that AWS documents with a contention of its own is unavailable by that one. */
const unavailable = (service: Service, { errors }: Operation): AwsError =>
  errors.includes('ResourceContention')
    ? new AwsError(
        'ResourceContention',
        'You already have a pending update to an Amazon EC2 Auto Scaling resource.',
        500,
      )
    : service.unavailable()

/** As core's ports know it, for the trace. */
const failureOf = ({ code, message }: AwsError): Failure =>
  isNotFound(code, message) ? { type: 'NotFound', message } : { type: 'Rejected', code, message }

/** Of tasks, container instances and groups AWS says so in its words alone. */
const isNotFound = (code: string, message: string): boolean =>
  /NotFound|DoesNotExist/.test(code) || /^(The|AutoScalingGroup) .*not found/.test(message)
