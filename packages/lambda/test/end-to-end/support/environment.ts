/** A Lambda execution environment: a process of its own that handles one invocation at a time, and may die. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What the child is told. */
export interface Invoke {
  readonly event: unknown
  readonly context: {
    readonly awsRequestId: string
    readonly functionName: string
    readonly functionVersion: string
    readonly invokedFunctionArn: string
    readonly memoryLimitInMB: string
    readonly logGroupName: string
    readonly logStreamName: string
    readonly callbackWaitsForEmptyEventLoop: boolean
    readonly remainingMs: number
  }
  readonly now: number
}

/** What the child says. `died` is said for it. */
export type Outcome =
  | { readonly type: 'ready' }
  | { readonly type: 'returned'; readonly response: unknown }
  | { readonly type: 'threw'; readonly message: string }
  | { readonly type: 'died' }

export interface Environment {
  /** Runs the handler on an event. Resolves when it returned or threw, or when the process is gone. */
  invoke(event: unknown, now: number): Promise<Outcome>
  /** SIGKILL: whatever was under way is lost where it stood. */
  kill(): void
  /** Everything the function wrote to stdout and stderr. */
  readonly output: () => string
}

export interface EnvironmentOptions {
  /** The bundle's entry file. */
  readonly bundle: string
  readonly variables: Readonly<Record<string, string>>
}

const main = fileURLToPath(new URL('./environment-main.ts', import.meta.url))

let requests = 0

/** A cold start. Resolves when the handler's module is loaded. */
export const startEnvironment = async ({ bundle, variables }: EnvironmentOptions): Promise<Environment> => {
  const child = fork(main, {
    // Only what Lambda itself sets, and what the function is configured with.
    env: { PATH: process.env['PATH'], TASK_ENTRY: bundle, ...lambdaVariables, ...variables },
    execArgv: ['--import', new URL('./virtual-clock.ts', import.meta.url).href],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const first = await nextOutcome(child)
  if (first.type !== 'ready') throw new Error(`the function did not start:\n${output}`)
  return {
    invoke: async (event, now) => {
      const outcome = nextOutcome(child)
      requests += 1
      const awsRequestId = `00000000-0000-4000-8000-${String(requests).padStart(12, '0')}`
      child.send({ event, context: { ...context, awsRequestId }, now } satisfies Invoke, () => {})
      return outcome
    },
    kill: () => {
      child.kill('SIGKILL')
    },
    output: () => output,
  }
}

const nextOutcome = (child: ChildProcess): Promise<Outcome> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve({ type: 'died' })
    const settle = (outcome: Outcome): void => {
      child.off('message', settle)
      child.off('exit', onExit)
      resolve(outcome)
    }
    const onExit = (): void => settle({ type: 'died' })
    child.on('message', settle)
    child.on('exit', onExit)
  })

const functionName = 'ecs-drain'

const context: Omit<Invoke['context'], 'awsRequestId'> = {
  functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${functionName}`,
  memoryLimitInMB: '256',
  logGroupName: `/aws/lambda/${functionName}`,
  logStreamName: '2026/01/01/[$LATEST]0',
  callbackWaitsForEmptyEventLoop: true,
  remainingMs: 60_000,
}

/** What the runtime itself sets (AWS: Lambda developer guide, defined runtime environment variables). */
const lambdaVariables = {
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: functionName,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: context.memoryLimitInMB,
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'session',
  LAMBDA_TASK_ROOT: '/var/task',
  TZ: ':UTC',
}
