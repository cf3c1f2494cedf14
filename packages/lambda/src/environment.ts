/**
 * The function's configuration, read from its environment. What is wrong is an error at start that names all of it: a
 * function that starts with half of what was meant is found out at the first termination, when it is too late.
 */
import {
  type AtDeadline,
  contradictionsOf,
  type DrainPolicy,
  type Duration,
  hours,
  seconds,
  uncheckedPolicy,
} from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import {
  clusterNames,
  clusterPatterns,
  durationInSeconds,
  durationOrZeroInSeconds,
  groupNames,
  hookName,
  integer,
  longDurationInSeconds,
  oneOf,
  type Reader,
  textLike,
} from './environment-variable.ts'

/** Where lines of the log begin to be written, in the words of Powertools. */
export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'CRITICAL' | 'SILENT'

/** What the function needs to know. */
export interface Configuration {
  readonly policy: DrainPolicy
  readonly region: string
  /** The DynamoDB table of the event store. */
  readonly table: string
  /** The queue that wake-ups are sent to; null: there is none, and what time brings is left to the sweep. */
  readonly queueUrl: string | null
  /** How long a stream is kept after the end of its last drain, in milliseconds. */
  readonly retention: Duration
  /** Null: as Powertools' own variables say. */
  readonly logLevel: LogLevel | null
}

/** A variable as a template or a page shows it. */
export interface EnvironmentVariable {
  readonly name: string
  /** Without it the function does not start. */
  readonly required: boolean
  /** What its text must be. */
  readonly expected: string
  /** The text it stands for when it is missing or empty; null: what is said in `means`. */
  readonly default: string | null
  readonly means: string
}

interface Variable<Value> extends EnvironmentVariable {
  readonly reader: Reader<Value>
}

type Described = Omit<EnvironmentVariable, 'name' | 'expected'>

const variable = <Value>(name: string, reader: Reader<Value>, described: Described): Variable<Value> => ({
  name,
  expected: reader.expected,
  ...described,
  reader,
})

const required = (means: string): Described => ({ required: true, default: null, means })
const optional = (means: string, text: string | null = null): Described => ({ required: false, default: text, means })

/** The defaults of the core, so that there is one place that has them. */
const defaults = uncheckedPolicy({ hooks: [], clusters: [] })
const inSeconds = (duration: Duration): string => String(duration / seconds(1))

const retentionDaysDefault = 30

const choices: ReadonlyArray<AtDeadline> = ['continue', 'stop-tasks', 'abandon', 'wait']
const logLevels: ReadonlyArray<LogLevel> = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT']

const variables = {
  clusters: variable(
    'ECS_DRAIN_CLUSTERS',
    clusterNames,
    optional('The clusters in which container instances are looked for. At least one, here or in the next variable.'),
  ),
  metadataClusters: variable(
    'ECS_DRAIN_METADATA_CLUSTERS',
    clusterPatterns,
    optional(
      'Clusters that a hook may name in its NotificationMetadata, as `{"cluster":"name"}`. A hook that names another there, or none ' +
        'that can be read, is not answered.',
    ),
  ),
  hook: variable('ECS_DRAIN_HOOK', hookName, required('The name of the lifecycle hook that the function answers.')),
  groups: variable(
    'ECS_DRAIN_GROUPS',
    groupNames,
    required(
      'The Auto Scaling groups in which it answers hooks of that name. A name with a comma cannot be given here.',
    ),
  ),
  table: variable(
    'ECS_DRAIN_TABLE',
    textLike('the name of a DynamoDB table', /^[A-Za-z0-9_.-]{3,255}$/),
    required('The table of the event store.'),
  ),
  queueUrl: variable(
    'ECS_DRAIN_QUEUE_URL',
    textLike('the URL of a standard SQS queue', /^https?:\/\/[^\s/]+\/\S+(?<!\.fifo)$/),
    optional('The queue for wake-ups. Empty: no wake-ups; everything that waits for a time is left to the sweep.'),
  ),
  account: variable(
    'ECS_DRAIN_ACCOUNT',
    textLike('the 12 digits of an AWS account', /^\d{12}$/),
    optional('Messages of another account are ignored. Empty: the account is not checked.'),
  ),
  sweepEvery: variable(
    'ECS_DRAIN_SWEEP_SECONDS',
    durationInSeconds,
    optional('The period of the schedule that sends the sweep.', inSeconds(defaults.sweepEvery)),
  ),
  settle: variable(
    'ECS_DRAIN_SETTLE_SECONDS',
    durationInSeconds,
    optional('From DRAINING to the first reading of the tasks that counts.', inSeconds(defaults.settle)),
  ),
  spreadReads: variable(
    'ECS_DRAIN_SPREAD_READS_SECONDS',
    durationOrZeroInSeconds,
    optional(
      'When many drains begin together, their first readings are spread over this time.',
      inSeconds(defaults.spreadReads),
    ),
  ),
  notFoundGrace: variable(
    'ECS_DRAIN_NOT_FOUND_GRACE_SECONDS',
    durationOrZeroInSeconds,
    optional(
      'If no cluster knows the container instance, it is looked for again after this time, and then let go.',
      inSeconds(defaults.notFoundGrace),
    ),
  ),
  deadline: variable(
    'ECS_DRAIN_DEADLINE_SECONDS',
    // With 0 for "none", and CONTINUE at the deadline, every host would be let go at once.
    longDurationInSeconds,
    optional(
      "Counted from the start of the lifecycle action. Empty: only the hook's own global timeout limits a drain.",
    ),
  ),
  atDeadline: variable(
    'ECS_DRAIN_AT_DEADLINE',
    oneOf(choices),
    optional('What happens at the deadline. Set both, or neither.'),
  ),
  stopGrace: variable(
    'ECS_DRAIN_STOP_GRACE_SECONDS',
    durationOrZeroInSeconds,
    optional(
      'With `stop-tasks`: how long the tasks have to stop before CONTINUE. StopTask is called for one after another; with 0 for none.',
      inSeconds(defaults.stopGrace),
    ),
  ),
  standaloneAfter: variable(
    'ECS_DRAIN_STOP_STANDALONE_AFTER_SECONDS',
    durationOrZeroInSeconds,
    optional('Tasks that belong to no service are stopped this long after DRAINING. Empty: they are waited for.'),
  ),
  retryFirst: variable(
    'ECS_DRAIN_RETRY_FIRST_SECONDS',
    durationInSeconds,
    optional(
      'A failed call is made again after this time, then after twice that, and so on.',
      inSeconds(defaults.retry.first),
    ),
  ),
  retryMost: variable(
    'ECS_DRAIN_RETRY_MOST_SECONDS',
    durationInSeconds,
    optional('The longest wait between two attempts.', inSeconds(defaults.retry.most)),
  ),
  hopsMax: variable(
    'ECS_DRAIN_WAKE_UPS_IN_A_ROW',
    integer(0, 15),
    optional(
      'How many wake-ups may follow one another before the sweep takes over. Lambda stops a chain of 16.',
      String(defaults.hopsMax),
    ),
  ),
  retentionDays: variable(
    'ECS_DRAIN_RETENTION_DAYS',
    integer(1, 3_650),
    optional('How long a stream is kept after the end of its last drain.', String(retentionDaysDefault)),
  ),
  logLevel: variable(
    'ECS_DRAIN_LOG_LEVEL',
    oneOf(logLevels),
    optional('Empty: the level of `POWERTOOLS_LOG_LEVEL`, or INFO without that.'),
  ),
  region: variable('AWS_REGION', textLike('an AWS Region', /^[a-z]{2,}(-[a-z0-9]+)+$/), required('Set by Lambda.')),
} as const

/** Every variable that the function reads, in the order of a reader's interest. */
export const environmentVariables: ReadonlyArray<EnvironmentVariable> = Object.values(variables).map(
  ({ name, required: isRequired, expected, default: text, means }) => ({
    name,
    required: isRequired,
    expected,
    default: text,
    means,
  }),
)

type Field = keyof typeof variables
type ValueOf<Name extends Field> = (typeof variables)[Name] extends Variable<infer Value> ? Value : never
type Environment = Readonly<Record<string, string | undefined>>

/**
 * The configuration that an environment says. Left: everything that is wrong with it, a line each, with the variable's
 * name, what was expected and what was got.
 */
export const readEnvironment = (environment: Environment): E.Either<ReadonlyArray<string>, Configuration> => {
  const problems: Array<string> = [...unknownNames(environment)]
  const unreadable = new Set<Field>()

  const value = <Name extends Field>(field: Name): ValueOf<Name> | null => {
    const { name, reader, default: text, required: isRequired } = variables[field] as Variable<ValueOf<Name>>
    const given = textOf(environment, name) ?? text
    if (given === null) {
      if (!isRequired) return null
      problems.push(`${name}: expected ${reader.expected}, got nothing`)
      unreadable.add(field)
      return null
    }
    const read = reader.read(given)
    if (read !== undefined) return read
    problems.push(`${name}: expected ${reader.expected}, got ${quoted(given)}`)
    unreadable.add(field)
    return null
  }

  const region = value('region')
  const hook = value('hook')
  const groups = value('groups')
  const clusters = value('clusters')
  const table = value('table')
  const queueUrl = value('queueUrl')
  const deadline = value('deadline')
  const choice = value('atDeadline')
  const hopsMax = value('hopsMax') ?? defaults.hopsMax
  problems.push(...halfADeadline(environment, unreadable))

  const policy: DrainPolicy = {
    hooks: hook === null ? [] : [{ name: hook, groups }],
    clusters: clusters ?? [],
    metadataClusters: value('metadataClusters') ?? [],
    account: value('account'),
    settle: value('settle') ?? defaults.settle,
    spreadReads: value('spreadReads') ?? defaults.spreadReads,
    notFoundGrace: value('notFoundGrace') ?? defaults.notFoundGrace,
    deadline: deadline === null || choice === null ? null : { after: deadline, choice },
    stopGrace: value('stopGrace') ?? defaults.stopGrace,
    standaloneAfter: value('standaloneAfter'),
    sweepEvery: value('sweepEvery') ?? defaults.sweepEvery,
    retry: { first: value('retryFirst') ?? defaults.retry.first, most: value('retryMost') ?? defaults.retry.most },
    // Without a queue no wake-up can be sent, so none may be owed.
    hopsMax: queueUrl === null ? 0 : hopsMax,
  }
  const retention = hours(24 * (value('retentionDays') ?? retentionDaysDefault))
  const logLevel = value('logLevel')
  problems.push(...contradictions(policy, environment, unreadable))
  if (problems.length > 0 || region === null || table === null) return E.left(problems)
  return E.right({ policy, region, table, queueUrl, retention, logLevel })
}

/** Missing and empty are the same: a template cannot leave a variable out, only empty. */
const textOf = (environment: Environment, name: string): string | null => {
  const text = (Object.hasOwn(environment, name) ? environment[name] : undefined)?.trim() ?? ''
  return text === '' ? null : text
}

const previewMax = 100
const quoted = (text: string): string =>
  text.length > previewMax ? `a text of ${text.length} characters` : JSON.stringify(text)

/** A name that nobody reads is a name that somebody mistyped. */
const unknownNames = (environment: Environment): ReadonlyArray<string> => {
  const known = new Set(environmentVariables.map(({ name }) => name))
  return Object.keys(environment)
    .filter((name) => name.startsWith('ECS_DRAIN_') && !known.has(name))
    .toSorted()
    .map(
      (name) => `${name.slice(0, previewMax)}: expected one of the variables of ecs-drain, got a name it does not know`,
    )
}

const halfADeadline = (environment: Environment, unreadable: ReadonlySet<Field>): ReadonlyArray<string> => {
  const { deadline, atDeadline } = variables
  if (unreadable.has('deadline') || unreadable.has('atDeadline')) return []
  const [after, choice] = [deadline, atDeadline].map(({ name }) => textOf(environment, name))
  if ((after === null) === (choice === null)) return []
  const missing = after === null ? deadline : atDeadline
  const other = after === null ? atDeadline : deadline
  return [`${missing.name}: expected ${missing.expected}, because ${other.name} is given, got nothing`]
}

/** Which variables say what a sentence of `contradictionsOf` is about; its sentences begin with a field of the policy. */
const saidBy: { readonly [Name in keyof DrainPolicy]: ReadonlyArray<Field> } = {
  hooks: ['hook', 'groups'],
  clusters: ['clusters', 'metadataClusters'],
  metadataClusters: ['metadataClusters'],
  account: ['account'],
  settle: ['settle'],
  spreadReads: ['spreadReads'],
  notFoundGrace: ['notFoundGrace'],
  deadline: ['deadline', 'atDeadline'],
  stopGrace: ['stopGrace'],
  standaloneAfter: ['standaloneAfter'],
  sweepEvery: ['sweepEvery'],
  retry: ['retryFirst', 'retryMost'],
  hopsMax: ['hopsMax'],
}

/** What follows from a variable that could not be read is not said a second time. */
const contradictions = (
  policy: DrainPolicy,
  environment: Environment,
  unreadable: ReadonlySet<Field>,
): ReadonlyArray<string> =>
  contradictionsOf(policy).flatMap((sentence) => {
    const colon = sentence.indexOf(': ')
    const field = sentence.slice(0, colon).replace(/\W.*/, '') as keyof DrainPolicy
    const fields = Object.hasOwn(saidBy, field) ? saidBy[field] : []
    if (fields.some((each) => unreadable.has(each))) return []
    const got = fields.map((each) => {
      const { name, default: text } = variables[each]
      const given = textOf(environment, name) ?? text
      return given === null ? 'nothing' : quoted(given)
    })
    const names = fields.map((each) => variables[each].name)
    return [`${names.join(', ')}: ${sentence.slice(colon + 2)}, got ${got.join(' and ')}`]
  })
