// Who may import whom. This is the table to change when the design changes; dependency-rules.test.ts applies it.

/** What the files of one folder may import. Their own folder is always allowed. */
export interface FolderRule {
  /** Other folders of the same package. */
  readonly folders: ReadonlyArray<string>
  /** Packages, as they are written in the import. */
  readonly packages: ReadonlyArray<string>
  /** Packages of which only types may be imported. */
  readonly typesOf?: ReadonlyArray<string>
}

/** A name of the platform that must not be used, and what to do instead. */
export interface BannedUse {
  readonly uses: RegExp
  readonly instead: string
}

/** The fp-ts modules of this project. No type classes of our own, no optics, no readers. */
export const fpTsModules = [
  'fp-ts/function',
  'fp-ts/Either',
  'fp-ts/Option',
  'fp-ts/IO',
  'fp-ts/Task',
  'fp-ts/TaskEither',
  'fp-ts/ReadonlyArray',
  'fp-ts/ReadonlyNonEmptyArray',
  'fp-ts/Json',
]

const decoding = ['io-ts', 'fp-ts/Either', 'fp-ts/function']

/** The folders of core in the order of the sentence: a folder sees only folders before it, and not all of them. */
export const coreFolders: Readonly<Record<string, FolderRule>> = {
  identity: { folders: [], packages: decoding },
  time: { folders: [], packages: decoding },
  codec: { folders: ['identity', 'time'], packages: [...decoding, 'fp-ts/Json'] },
  envelope: { folders: ['identity', 'time', 'codec'], packages: decoding },
  observation: { folders: ['identity', 'time', 'codec', 'envelope'], packages: decoding },
  // The heart: readable without a word of fp-ts, and it knows nothing of how AWS delivers.
  drain: { folders: ['identity', 'time', 'observation'], packages: [] },
  effect: { folders: ['identity', 'time', 'observation', 'drain'], packages: [] },
  invocation: { folders: ['identity', 'time', 'observation', 'drain', 'effect'], packages: [] },
  port: {
    folders: ['identity', 'time', 'observation', 'drain', 'effect', 'invocation'],
    packages: [],
    typesOf: ['fp-ts/TaskEither', 'fp-ts/Task', 'fp-ts/IO'],
  },
  application: {
    folders: ['identity', 'time', 'codec', 'envelope', 'observation', 'drain', 'effect', 'invocation', 'port'],
    packages: fpTsModules,
  },
  memory: {
    folders: ['identity', 'time', 'observation', 'drain', 'effect', 'invocation', 'port'],
    packages: fpTsModules,
  },
  testing: {
    folders: [
      'identity',
      'time',
      'codec',
      'envelope',
      'observation',
      'drain',
      'effect',
      'invocation',
      'port',
      'application',
      'memory',
    ],
    packages: [...fpTsModules, 'io-ts', 'fast-check'],
  },
}

/** The files in core/src itself. Only `./testing` is `./testing`. */
export const coreRoot: FolderRule = {
  folders: Object.keys(coreFolders).filter((folder) => folder !== 'testing'),
  packages: fpTsModules,
}

/** Exceptions, file by file, each with its reason. */
export const coreExceptions: Readonly<Record<string, ReadonlyArray<string>>> = {
  // A notice of a task is a sighting of it: one type, two folders.
  'envelope/notice.ts': ['observation'],
  'envelope/task-state-change.ts': ['observation'],
  // What a notice means depends on what the user says is theirs.
  'observation/observe.ts': ['drain'],
  // Routing starts from notices; the rest of the folder never sees one.
  'invocation/routing.ts': ['envelope'],
  // The codec of what is stored is the one border besides envelopes.
  'port/stored-commit.ts': ['io-ts', 'fp-ts/Either', 'fp-ts/function', 'codec'],
  // What somebody else's port answers is decoded, as an envelope is.
  'port/answers.ts': ['io-ts', 'codec'],
  // The one place where a promise becomes a TaskEither.
  'port/promise-lifting.ts': ['fp-ts/Either', 'fp-ts/TaskEither', 'codec'],
}

/** The middle of the simulator: imperative, pure, the same on every machine. */
export const simulatorPureFolders = ['kernel', 'world']

/** What the simulator's pure folders may import besides core and each other: no fp-ts, no Node, no libraries. */
export const simulatorPurePackages = ['@ecs-drain/core']

/** The packages of ours that a package may import; tests may start others, which they meet over HTTP alone. */
export const workspaceImports: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: [],
  simulator: ['core'],
  'aws-adapter': ['core'],
  lambda: ['core', 'aws-adapter'],
}

/** The packages that may import the AWS SDK. Everybody else asks a port, or speaks AWS's protocols. */
export const awsSdkUsers = ['aws-adapter', 'lambda']

/** What belongs to the SDK. */
export const awsSdkPackage = /^@(aws-sdk|smithy|aws-crypto)\//

/** Files from which a package's published entries are made. */
export const entries: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: ['index.ts', 'testing/index.ts'],
  simulator: ['endpoint.ts', 'index.ts', 'sqlite.ts', 'testing.ts', 'main.ts'],
  'aws-adapter': ['index.ts'],
  lambda: ['index.ts', 'function.ts', 'deploy.ts', 'explain.ts'],
}

/** Entries that must work without Node, so nothing they reach may import it. */
export const entriesWithoutNode: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: ['index.ts', 'testing/index.ts'],
  simulator: ['index.ts', 'testing.ts'],
}

const noClock: BannedUse = {
  uses: /^(Date\.now|new Date\(\)|performance(\..*)?)$/,
  instead: 'take the time from the reply, the observation or the Clock port',
}
const noChance: BannedUse = {
  uses: /^(Math\.random|crypto(\..*)?)$/,
  instead: 'take ids and chance as arguments',
}
const noPlatform: BannedUse = {
  uses: /^(console|process|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|window|document|Buffer|require)(\.|$)/,
  instead: 'ask a port for it',
}

/** Holds in all of core's sources. */
export const bannedInCore: ReadonlyArray<BannedUse> = [noClock, noChance, noPlatform]

/** Holds in the simulator's pure folders. */
export const bannedInSimulatorMiddle: ReadonlyArray<BannedUse> = [
  { uses: /^(Date(\..*)?|new Date\(.*)$/, instead: 'use virtual time: milliseconds as a number' },
  noChance,
  noPlatform,
  {
    uses: /^(\*\*|Math\.(?!(abs|ceil|floor|imul|max|min|round|sign|sqrt|trunc|clz32)$).*)$/,
    instead: 'use integers and ratios: these functions may differ in the last bit between engines',
  },
  { uses: /^(async|Promise(\..*)?|new Promise\(.*)$/, instead: 'schedule an occurrence' },
  {
    uses: /(^Intl(\.|$)|\.(localeCompare|toLocale\w*)$)/,
    instead: 'compare with < and >: a locale differs between machines',
  },
]
