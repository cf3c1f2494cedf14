import * as E from 'fp-ts/Either'
import type * as t from 'io-ts'
import { report } from './report.ts'

/** A value or what is wrong with the document, one line per error. */
type Reported<Value> = E.Either<ReadonlyArray<string>, Value>

/** What `next` makes of a value that the codec reads. */
export const decodeThen = <Value, Result>(
  codec: t.Type<Value, unknown, unknown>,
  value: unknown,
  next: (decoded: Value) => Reported<Result>,
): Reported<Result> => {
  const decoded = codec.decode(value)
  return E.isLeft(decoded) ? E.left(report(decoded.left)) : next(decoded.right)
}
