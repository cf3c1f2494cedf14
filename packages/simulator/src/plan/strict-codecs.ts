/**
 * Codecs for documents that people write. They differ from those for what AWS sends in one thing: nothing is
 * forgiven. An unknown key is a mistake, and every mistake is told with its path, what was expected, and what was there.
 */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'

/** A codec whose values are written as they are read. */
export type Codec<A> = t.Type<A, A, unknown>

/** One thing wrong with a document. */
export interface Problem {
  /** Keys and indices from the root. */
  readonly path: ReadonlyArray<string | number>
  /** `expected an integer from 0 to 200, got "all"`. */
  readonly message: string
}

/** A codec from a predicate; `expectation` is read after "expected". */
export const expected = <A>(expectation: string, is: (value: unknown) => value is A): Codec<A> =>
  new t.Type<A, A, unknown>(
    expectation,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    (value) => value,
  )

const isNumberIn =
  (least: number, most: number) =>
  (value: unknown): value is number =>
    typeof value === 'number' && value >= least && value <= most

/** A number, both bounds included. */
export const numberFrom = (least: number, most: number): Codec<number> =>
  expected(`a number from ${least} to ${most}`, isNumberIn(least, most))

/** An integer, both bounds included. */
export const integerFrom = (least: number, most: number): Codec<number> =>
  expected(
    `an integer from ${least} to ${most}`,
    (value): value is number => Number.isInteger(value) && isNumberIn(least, most)(value),
  )

/** A number, or a range of numbers `[least, most]` to draw from. */
export const spanFrom = (least: number, most: number): Codec<number | readonly [number, number]> => {
  const isNumber = isNumberIn(least, most)
  return expected(
    `a number or a range [least, most] from ${least} to ${most}`,
    (value): value is number | readonly [number, number] =>
      isNumber(value) ||
      (Array.isArray(value) && value.length === 2 && value.every(isNumber) && Number(value[0]) <= Number(value[1])),
  )
}

/** Text of 1 to `most` characters. */
export const textUpTo = (most: number): Codec<string> =>
  expected(
    `text of 1 to ${most} characters`,
    (value): value is string => typeof value === 'string' && value.length >= 1 && value.length <= most,
  )

/** Text that matches a pattern. */
export const textLike = (expectation: string, pattern: RegExp): Codec<string> =>
  expected(expectation, (value): value is string => typeof value === 'string' && pattern.test(value))

/** True or false. */
export const flag: Codec<boolean> = expected('true or false', (value): value is boolean => typeof value === 'boolean')

/** One of a few words. */
export const oneOf = <Word extends string>(...words: ReadonlyArray<Word>): Codec<Word> =>
  expected(words.length === 1 ? JSON.stringify(words[0]) : `one of ${words.join(', ')}`, (value): value is Word =>
    words.some((word) => word === value),
  )

/** What the codec reads, or null. */
export const orNull = <A>(codec: Codec<A>): Codec<A | null> =>
  new t.Type<A | null, A | null, unknown>(
    `${codec.name}, or null`,
    (value): value is A | null => value === null || codec.is(value),
    (value, context) => (value === null ? t.success(null) : codec.validate(value, context)),
    (value) => value,
  )

/** A list, each of its items read by the codec. */
export const listOf = <A>(codec: Codec<A>): Codec<ReadonlyArray<A>> =>
  new t.Type<ReadonlyArray<A>, ReadonlyArray<A>, unknown>(
    'a list',
    (value): value is ReadonlyArray<A> => Array.isArray(value) && value.every(codec.is),
    (value, context) => {
      if (!Array.isArray(value)) return t.failure(value, context)
      const items: A[] = []
      const errors: t.ValidationError[] = []
      value.forEach((item: unknown, index) => {
        const result = codec.validate(item, t.appendContext(context, String(index), codec, item))
        if (E.isLeft(result)) errors.push(...result.left)
        else items.push(result.right)
      })
      return errors.length > 0 ? t.failures(errors) : t.success(items)
    },
    (value) => value,
  )

/** What an object read by `props` has; every key may be left out. */
export type ClosedOf<Props extends t.Props> = { readonly [Key in keyof Props]?: t.TypeOf<Props[Key]> }

/** What an object has that must hold the keys `Needed`. */
export type ClosedWith<Props extends t.Props, Needed extends keyof Props> = Omit<ClosedOf<Props>, Needed> & {
  readonly [Key in Needed]: t.TypeOf<Props[Key]>
}

/** An object with these keys and no others. Only those named in `needed` must be there. */
export const closed = <Props extends t.Props, Needed extends keyof Props & string = never>(
  name: string,
  props: Props,
  needed: ReadonlyArray<Needed> = [],
): Codec<ClosedWith<Props, Needed>> => {
  const codecs = new Map<string, t.Mixed>(Object.entries(props))
  const members = recordBy<unknown>(name, (key) => codecs.get(key), [...codecs.keys()])
  return new t.Type<ClosedWith<Props, Needed>, ClosedWith<Props, Needed>, unknown>(
    name,
    (value): value is ClosedWith<Props, Needed> =>
      members.is(value) && needed.every((key) => Object.hasOwn(value, key)),
    (value, context) => {
      if (!isRecord(value)) return t.failure(value, context)
      const read = members.validate(value, context)
      const absent = needed.filter((key) => !Object.hasOwn(value, key))
      const errors = absent.map((key) => missing(context, key, codecs.get(key) ?? t.unknown))
      if (E.isLeft(read)) errors.push(...read.left)
      return errors.length > 0 ? t.failures(errors) : (read as t.Validation<ClosedWith<Props, Needed>>)
    },
    (value) => value,
  )
}

/** One of several objects, told apart by `do`: it is read first, so that what is wrong is told in terms of that verb. */
export const byVerb = <Codecs extends Readonly<Record<string, t.Mixed>>>(
  name: string,
  codecs: Codecs,
): Codec<t.TypeOf<Codecs[keyof Codecs]>> => {
  type Value = t.TypeOf<Codecs[keyof Codecs]>
  const verbs = Object.keys(codecs)
  return new t.Type<Value, Value, unknown>(
    name,
    (value): value is Value => Object.values(codecs).some((codec) => codec.is(value)),
    (value, context) => {
      if (!isRecord(value)) return t.failure(value, context)
      const verb = value['do']
      const codec = typeof verb === 'string' && Object.hasOwn(codecs, verb) ? codecs[verb] : undefined
      if (codec !== undefined) return codec.validate(value, context) as t.Validation<Value>
      return t.failure(
        verb,
        t.appendContext(context, 'do', t.string, verb),
        `expected one of ${verbs.join(', ')}, got ${preview(verb)}${hintAt(verb, verbs)}`,
      )
    },
    (value) => value,
  )
}

/**
 * An object that may have any of the keys of `codecOf`, which says for each how its value is read. `keys`: those that there are, or
 * what each has to be.
 */
export const recordBy = <A>(
  name: string,
  codecOf: (key: string) => Codec<A> | undefined,
  keys: ReadonlyArray<string> | string,
): Codec<Readonly<Record<string, A>>> =>
  new t.Type<Readonly<Record<string, A>>, Readonly<Record<string, A>>, unknown>(
    name,
    (value): value is Readonly<Record<string, A>> =>
      isRecord(value) && Object.entries(value).every(([key, member]) => codecOf(key)?.is(member) ?? false),
    (value, context) => {
      if (!isRecord(value)) return t.failure(value, context)
      const errors: t.ValidationError[] = []
      const read: Record<string, A> = {}
      for (const [key, member] of Object.entries(value)) {
        const codec = codecOf(key)
        if (codec === undefined) {
          errors.push(unknownKey(context, key, member, keys))
          continue
        }
        const result = codec.validate(member, t.appendContext(context, key, codec, member))
        if (E.isLeft(result)) errors.push(...result.left)
        else read[key] = result.right
      }
      return errors.length > 0 ? t.failures(errors) : t.success(read)
    },
    (value) => value,
  )

const missing = (context: t.Context, key: string, codec: t.Mixed): t.ValidationError => ({
  value: undefined,
  context: t.appendContext(context, key, codec),
  message: `expected ${codec.name}, but it is missing`,
})

const unknownKey = (
  context: t.Context,
  key: string,
  value: unknown,
  known: ReadonlyArray<string> | string,
): t.ValidationError => {
  const [near] = typeof known === 'string' ? [] : nearest(key, known)
  const wanted = typeof known === 'string' ? known : `one of ${listed(known)}`
  const hint = near === undefined ? `expected ${wanted}` : `did you mean ${near}?`
  return { value, context: t.appendContext(context, key, t.unknown), message: `unknown key; ${hint}` }
}

/** As many names as somebody reads. */
const listed = (names: ReadonlyArray<string>): string =>
  names.length <= namesMost
    ? names.join(', ')
    : `${names.slice(0, namesMost).join(', ')} and ${names.length - namesMost} more`
const namesMost = 24

/** The problems of a failed decode, in the order of the document. */
export const problemsOf = (errors: t.Errors): ReadonlyArray<Problem> =>
  errors.map(({ context, message, value }) => {
    const last = context.at(-1)
    return {
      path: context.slice(1).map(({ key }, index) => {
        // The entry before says whether this key is an index.
        const parent: unknown = context[index]?.actual
        return Array.isArray(parent) ? Number(key) : key
      }),
      message: message ?? `expected ${last?.type.name ?? 'something else'}, got ${preview(value)}`,
    }
  })

/** A path as people write it: `services[0].minimumHealthyPercent`. */
export const pathText = (path: ReadonlyArray<string | number>): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')

/** `services[0].minimumHealthyPercent: expected ...`; of the whole document there is no path to tell. */
export const problemText = ({ path, message }: Problem): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`

const previewMax = 60

/** A value as JSON, cut short. JSON calls a number that is not finite null. */
export const preview = (value: unknown): string => {
  const isSpoken = typeof value === 'number' && !Number.isFinite(value)
  const text = value === undefined ? 'nothing' : isSpoken ? String(value) : (JSON.stringify(value) ?? typeof value)
  return text.length > previewMax ? `${text.slice(0, previewMax)}...` : text
}

/** Whether a value is an object with keys, not a list and not null. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of the words those that could have been meant, nearest first: a typing error or two away, or with `word` in them. */
export const nearest = (word: string, words: ReadonlyArray<string>): ReadonlyArray<string> => {
  // Two letters that changed places are two edits.
  const mostEdits = word.length < 3 ? 1 : Math.max(2, Math.floor(word.length / 3))
  return words
    .map((each) => ({ each, edits: editsBetween(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ each, edits }) => edits <= mostEdits || (word.length > 2 && each.includes(word.toLowerCase())))
    .sort((x, y) => x.edits - y.edits)
    .map(({ each }) => each)
}

/** The end of a complaint about a word that is none of these: `; did you mean web?`, or nothing where none could have been meant. */
export const hintAt = (word: unknown, words: ReadonlyArray<string>): string => {
  const [near] = typeof word === 'string' ? nearest(word, words) : []
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** Levenshtein's distance. */
const editsBetween = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
