/** Tokens of pages: opaque, of one list only, and still right when the list has changed meanwhile. */
import { AwsError } from './wire/aws-error.ts'

export interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly nextToken: string | undefined
}

interface PageRequest {
  /** The operation and whatever else makes it another list. */
  readonly list: string
  readonly token: string | undefined
  readonly size: number
  /** The service's code for a token that is none. */
  readonly refusal: string
}

/** Items must stand in the order of their numbers, which never change. */
export const pageOf = <Item>(
  all: ReadonlyArray<Item>,
  numberOf: (item: Item) => number,
  { list, token, size, refusal }: PageRequest,
): Page<Item> => {
  const after = token === undefined ? Number.NEGATIVE_INFINITY : numberInToken(token, list, refusal)
  const rest = all.filter((item) => numberOf(item) > after)
  const items = rest.slice(0, size)
  const last = items.at(-1)
  const hasMore = rest.length > items.length && last !== undefined
  return { items, nextToken: hasMore ? tokenFor(list, numberOf(last)) : undefined }
}

const tokenFor = (list: string, after: number): string =>
  Buffer.from(JSON.stringify([list, after]), 'utf8').toString('base64')

const numberInToken = (token: string, list: string, refusal: string): number => {
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64').toString('utf8'))
    if (Array.isArray(read) && read[0] === list && typeof read[1] === 'number') return read[1]
  } catch {
    // Told below, like a token of another list.
  }
  throw new AwsError(refusal, 'The specified nextToken is not valid for this request.')
}
