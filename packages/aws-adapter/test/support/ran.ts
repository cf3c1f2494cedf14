import type { Failure } from '@ecs-drain/core'
import type { Either } from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'

/** The answer; a failure is thrown. */
export const answerOf = async <Answer>(task: TaskEither<Failure, Answer>): Promise<Answer> => {
  const result: Either<Failure, Answer> = await task()
  if (result._tag === 'Right') return result.right
  throw new Error(`${result.left.type}: ${result.left.message}`)
}

/** The failure; an answer is thrown. */
export const failureFrom = async (task: TaskEither<Failure, unknown>): Promise<Failure> => {
  const result: Either<Failure, unknown> = await task()
  if (result._tag === 'Left') return result.left
  throw new Error(`answered: ${JSON.stringify(result.right)}`)
}
