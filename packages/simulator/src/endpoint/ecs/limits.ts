/** Lists in requests have a size (AWS: API reference of each operation). */
import { AwsError } from '../wire/aws-error.ts'

export const checkCount = (what: string, items: ReadonlyArray<string>, most: number): void => {
  if (items.length === 0) throw new AwsError('InvalidParameterException', `${what} cannot be empty.`)
  if (items.length > most) {
    throw new AwsError(
      'InvalidParameterException',
      `${what} cannot have more than ${most} elements, not ${items.length}.`,
    )
  }
}
