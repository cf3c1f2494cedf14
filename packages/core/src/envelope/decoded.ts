import * as E from 'fp-ts/Either'
import type { Instant } from '../time/instant.ts'
import type { Notice } from './notice.ts'

/** A notice, or what is wrong with the document: one line per error, each with its path inside that document. */
export type Decoded = E.Either<ReadonlyArray<string>, Notice>

/** What the document around a message's own fields says: when it was sent, and of which account it is, where that is told. */
export interface Surroundings {
  readonly account: string | null
  readonly at: Instant
}

/** The same lines, seen from the document around: `detail.version: ...` becomes `Records[0].body.detail.version: ...`. */
export const within = (path: string, decoded: Decoded): Decoded => {
  if (E.isRight(decoded)) return decoded
  const lines = decoded.left.map((line) => {
    if (line.startsWith('(root)')) return path + line.slice('(root)'.length)
    return line.startsWith('[') ? path + line : `${path}.${line}`
  })
  return E.left(lines)
}
