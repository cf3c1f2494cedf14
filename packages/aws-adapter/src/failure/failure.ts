/** The one place where an error of the SDK becomes a failure of a port. */
import type { Failure } from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { codeOf, lacksPermission, meaningOf, messageOf, noCredentials, saidOf } from './error-meanings.ts'

/** What a request needs: the IAM action, and the resource it is about, written as an IAM policy takes it. */
export interface Asked {
  readonly action: string
  readonly resource: string
}

/** What the SDK threw, as a failure. AWS's words are kept; where a permission is missing it is said which to allow. */
export const failureOf = (thrown: unknown, { action, resource }: Asked): Failure => {
  const message = messageOf(thrown)
  const type = meaningOf(thrown)
  switch (type) {
    // The core knows some of these by how they begin.
    case 'Rejected':
      return { type, code: codeOf(thrown), message }
    case 'AccessDenied': {
      const says = saidOf(thrown) ?? lacksPermission
      // To allow what is allowed already would not help.
      const advice = says === lacksPermission ? remedyIn(message) : `${says}:`
      return { type, message: `${advice} ${action} on ${resource}; AWS said ${codeOf(thrown)}: ${message}` }
    }
    case 'NotFound':
    case 'Throttled':
    case 'TimedOut':
    case 'Unavailable':
      if (codeOf(thrown) === noCredentials)
        return { type, message: `no credentials for ${action} on ${resource}: ${message}` }
      return { type, message: `${action} on ${resource}: ${codeOf(thrown)}: ${message}` }
  }
}

/**
 * Most services say which kind of policy refused it (AWS: IAM user guide, "Troubleshoot access denied error messages"). Where that is
 * none of the role's own, or one that denies it, to allow it there changes nothing.
 */
const remedyIn = (message: string): string => {
  const denying = /with an explicit deny in (an? [\w -]*(?:policy|boundary))/.exec(message)?.[1]
  if (denying !== undefined) return `${denying} denies`
  const silent = /because no ([\w -]*(?:policy|boundary)) allows/.exec(message)?.[1]
  return silent === undefined || silent === 'identity-based policy' ? 'allow' : `no ${silent} allows`
}

/** Thrown by an adapter itself, where no error of the SDK says what is wrong. */
export class AdapterFailure extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.name = 'AdapterFailure'
    this.failure = failure
  }
}

/** A request and what is made of its answer, as a port's function has it. Each run is a request of its own. */
export const attempt =
  <Answer>(asked: Asked, request: () => Promise<Answer>): TaskEither<Failure, Answer> =>
  async () => {
    try {
      return E.right(await request())
    } catch (thrown) {
      return E.left(thrown instanceof AdapterFailure ? thrown.failure : failureOf(thrown, asked))
    }
  }
