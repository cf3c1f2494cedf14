/**
 * The cluster query language, as far as container instances are listed by it (AWS: ECS developer guide,
 * cluster-query-language): `subject operator [argument]`, joined by and, or, not and parentheses.
 */
import { AwsError } from '../wire/aws-error.ts'

/** What a query can ask of one container instance. */
export interface QueriedInstance {
  readonly agentConnected: boolean
  readonly agentVersion: string
  readonly ec2InstanceId: string
  /** Milliseconds since the epoch. */
  readonly registeredAt: number
  readonly runningTasksCount: number
  readonly taskGroups: ReadonlySet<string>
  /** Undefined: it is there and has no value. */
  readonly attributes: ReadonlyMap<string, string | undefined>
}

export type ClusterQuery = (instance: QueriedInstance) => boolean

type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '!in' | '=~' | '!~' | 'exists' | '!exists'

/** The subjects and their operators, for the reference. */
export const subjectOperators = {
  agentConnected: ['==', '!=', 'in', '!in', '=~', '!~'],
  agentVersion: ['==', '!=', '<', '<=', '>', '>='],
  ec2InstanceId: ['==', '!=', 'in', '!in', '=~', '!~'],
  registeredAt: ['==', '!=', '<', '<=', '>', '>='],
  runningTasksCount: ['==', '!=', '<', '<=', '>', '>='],
  'task:group': ['==', '!=', 'in', '!in', '=~', '!~'],
  'attribute:NAME': ['==', '!=', '<', '<=', '>', '>=', 'in', '!in', '=~', '!~', 'exists', '!exists'],
} as const satisfies Readonly<Record<string, ReadonlyArray<Operator>>>

const spelled: Readonly<Record<string, Operator>> = {
  '==': '==',
  equals: '==',
  '!=': '!=',
  not_equals: '!=',
  '<': '<',
  less_than: '<',
  '<=': '<=',
  less_than_equal: '<=',
  '>': '>',
  greater_than: '>',
  '>=': '>=',
  greater_than_equal: '>=',
  in: 'in',
  '!in': '!in',
  not_in: '!in',
  '=~': '=~',
  matches: '=~',
  '!~': '!~',
  not_matches: '!~',
  exists: 'exists',
  '!exists': '!exists',
  not_exists: '!exists',
}

// No bound is published; a query is typed by people.
const longest = 4_000
const deepest = 50

/** Throws AwsError for what is not in the language, or not among the subjects. */
export const parseClusterQuery = (text: string): ClusterQuery => {
  if (text.length > longest) throw notValid(`it is longer than ${longest} characters`)
  const reader = createReader(tokensOf(text))
  const query = either(reader, 0)
  const left = reader.next()
  if (left !== undefined) throw notValid(`nothing was expected at "${left}"`)
  return query
}

const notValid = (why: string): AwsError =>
  new AwsError('InvalidParameterException', `The filter expression is not valid: ${why}.`)

const token =
  /\s*(?:'([^']*)'|"([^"]*)"|(&&|\|\||==|!=|<=|>=|=~|!~|!in\b|!exists\b|[<>!()[\],])|([^\s()[\],<>=!~&|'"]+))/y

/** Words in quotes keep a mark in front, so that they are never taken for an operator. */
const quoted = '\u0000'

const tokensOf = (text: string): ReadonlyArray<string> => {
  const tokens: Array<string> = []
  let at = 0
  while (text.slice(at).trim() !== '') {
    token.lastIndex = at
    const found = token.exec(text)
    if (found === null) throw notValid(`"${text.slice(at).trim()}" cannot be read`)
    const [, single, double, sign, plain] = found
    tokens.push(sign ?? plain ?? quoted + (single ?? double ?? ''))
    at = token.lastIndex
  }
  return tokens
}

interface Reader {
  readonly peek: () => string | undefined
  readonly next: () => string | undefined
}

const createReader = (tokens: ReadonlyArray<string>): Reader => {
  let at = 0
  return {
    peek: () => tokens[at],
    next: () => {
      at += 1
      return tokens[at - 1]
    },
  }
}

const isOneOf = (word: string | undefined, ...words: ReadonlyArray<string>): boolean =>
  word !== undefined && words.includes(word.toLowerCase())

const either = (reader: Reader, depth: number): ClusterQuery => {
  let query = both(reader, depth)
  while (isOneOf(reader.peek(), 'or', '||')) {
    reader.next()
    const [left, right] = [query, both(reader, depth)]
    query = (instance) => left(instance) || right(instance)
  }
  return query
}

const both = (reader: Reader, depth: number): ClusterQuery => {
  let query = negated(reader, depth)
  while (isOneOf(reader.peek(), 'and', '&&')) {
    reader.next()
    const [left, right] = [query, negated(reader, depth)]
    query = (instance) => left(instance) && right(instance)
  }
  return query
}

const negated = (reader: Reader, depth: number): ClusterQuery => {
  if (depth > deepest) throw notValid(`it is nested deeper than ${deepest}`)
  if (isOneOf(reader.peek(), 'not', '!')) {
    reader.next()
    const query = negated(reader, depth + 1)
    return (instance) => !query(instance)
  }
  if (reader.peek() !== '(') return comparison(reader)
  reader.next()
  const query = either(reader, depth + 1)
  if (reader.next() !== ')') throw notValid('a parenthesis is not closed')
  return query
}

const comparison = (reader: Reader): ClusterQuery => {
  const subject = reader.next()
  if (subject === undefined) throw notValid('an expression is missing')
  const written = reader.next() ?? ''
  const operator = Object.hasOwn(spelled, written) ? spelled[written] : undefined
  const known = operatorsOf(subject)
  if (known === undefined) throw notValid(`there is no subject "${subject}"`)
  if (operator === undefined || !known.includes(operator)) {
    throw notValid(`the subject "${subject}" has no operator "${written}"`)
  }
  const values = valuesOf(subject)
  switch (operator) {
    case 'exists':
      return (instance) => values(instance).length > 0
    case '!exists':
      return (instance) => values(instance).length === 0
    case 'in':
    case '!in': {
      const list = argumentList(reader)
      const isIn: ClusterQuery = (instance) => values(instance).some((value) => list.includes(value))
      return operator === 'in' ? isIn : (instance) => !isIn(instance)
    }
    case '=~':
    case '!~': {
      const pattern = patternOf(argument(reader))
      const matches: ClusterQuery = (instance) => values(instance).some((value) => pattern.test(value))
      return operator === '=~' ? matches : (instance) => !matches(instance)
    }
    case '==':
    case '!=': {
      const wanted = normal(subject, argument(reader))
      const equals: ClusterQuery = (instance) => values(instance).includes(wanted)
      return operator === '==' ? equals : (instance) => !equals(instance)
    }
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const wanted = normal(subject, argument(reader))
      return (instance) => values(instance).some((value) => isOrdered(compare(value, wanted), operator))
    }
  }
}

const operatorsOf = (subject: string): ReadonlyArray<Operator> | undefined => {
  const name = /^attribute:.+/.test(subject) ? 'attribute:NAME' : subject
  return Object.hasOwn(subjectOperators, name) ? subjectOperators[name as keyof typeof subjectOperators] : undefined
}

/** What the subject is on an instance: nothing, one value, or several. */
const valuesOf = (subject: string): ((instance: QueriedInstance) => ReadonlyArray<string>) => {
  switch (subject) {
    case 'agentConnected':
      return ({ agentConnected }) => [String(agentConnected)]
    case 'agentVersion':
      return ({ agentVersion }) => [agentVersion]
    case 'ec2InstanceId':
      return ({ ec2InstanceId }) => [ec2InstanceId]
    case 'registeredAt':
      return ({ registeredAt }) => [String(registeredAt)]
    case 'runningTasksCount':
      return ({ runningTasksCount }) => [String(runningTasksCount)]
    case 'task:group':
      return ({ taskGroups }) => [...taskGroups]
    default: {
      const name = subject.slice('attribute:'.length)
      return ({ attributes }) => (attributes.has(name) ? [attributes.get(name) ?? ''] : [])
    }
  }
}

const argument = (reader: Reader): string => {
  const word = reader.next()
  if (word === undefined || /^(&&|\|\||[<>!()[\],]|[=!<>][=~])$/.test(word)) throw notValid('an argument is missing')
  return word.startsWith(quoted) ? word.slice(1) : word
}

const argumentList = (reader: Reader): ReadonlyArray<string> => {
  if (reader.next() !== '[') throw notValid('"in" expects a list such as [a, b]')
  const list = [argument(reader)]
  for (;;) {
    const sign = reader.next()
    if (sign === ']') return list
    if (sign !== ',') throw notValid('a list is not closed')
    list.push(argument(reader))
  }
}

/** The whole value must match, as Java's Matcher.matches has it; a backslash may stand before any sign there. */
const patternOf = (text: string): RegExp => {
  const pattern = text.replace(/\\([!-/:-@[-`{-~])/g, (_, sign: string) => `\\x${sign.charCodeAt(0).toString(16)}`)
  try {
    return new RegExp(`^(?:${pattern})$`, 'u')
  } catch {
    throw notValid(`"${text}" is not a regular expression`)
  }
}

/** The argument in the form of the subject's values. */
const normal = (subject: string, value: string): string => {
  if (subject === 'runningTasksCount') {
    if (!/^\d{1,9}$/.test(value)) throw notValid(`"${value}" is not a number of tasks`)
    return String(Number(value))
  }
  if (subject !== 'registeredAt') return value
  // A date alone, or one with a time, in UTC where no offset is given.
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/.test(value)) {
    throw notValid(`"${value}" is not a date such as 2018-06-18T22:28:28+00:00`)
  }
  const at = Date.parse(/T.*(Z|[+-]\d\d:\d\d)$|^\d{4}-\d\d-\d\d$/.test(value) ? value : `${value}Z`)
  if (Number.isNaN(at)) throw notValid(`"${value}" is not a date`)
  return String(at)
}

/** Part by part where there are numbers, so that 1.105 is later than 1.9; as text where there are not. */
const compare = (one: string, other: string): number => {
  const [left, right] = [one.split('.'), other.split('.')]
  for (let part = 0; part < Math.max(left.length, right.length); part += 1) {
    const [x = '0', y = '0'] = [left[part], right[part]]
    const isNumeric = /^\d+$/.test(x) && /^\d+$/.test(y)
    const order = isNumeric ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0
    if (order !== 0) return order
  }
  return 0
}

const isOrdered = (order: number, operator: '<' | '<=' | '>' | '>='): boolean => {
  switch (operator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}
