/** Lists in requests have a size. */
import { type Listed, wrongCount } from '../../world/ecs/request-size.ts'
import { AwsError } from '../wire/aws-error.ts'

export const checkCount = (what: Listed, items: ReadonlyArray<string>, most: number): void => {
  const wrong = wrongCount(what, items, most)
  if (wrong !== null) throw new AwsError('InvalidParameterException', wrong)
}
