/** The simulated AWS, as a process of its own that is met over HTTP alone. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The command, as it is built. */
export const ecsDrain = fileURLToPath(new URL('../../../../simulator/bin/ecs-drain.js', import.meta.url))

/** What `POST /_ecs-drain/clock` answers. */
export interface ClockView {
  readonly now: string
  readonly seconds: number
  readonly nextAt: string | null
  readonly settled: boolean
}

/** What `GET /_ecs-drain/state` answers, as far as the tests look. */
export interface State {
  readonly clusters: ReadonlyArray<{
    readonly services: ReadonlyArray<{ readonly name: string; readonly floor: number; readonly running: number }>
    readonly containerInstances: ReadonlyArray<{
      readonly arn: string
      readonly ec2InstanceId: string
      readonly status: string
      readonly tasks: ReadonlyArray<{ readonly arn: string }>
    }>
  }>
  readonly groups: ReadonlyArray<{
    readonly name: string
    readonly instances: ReadonlyArray<{ readonly instanceId: string; readonly lifecycleState: string }>
  }>
  readonly queues: ReadonlyArray<{ readonly name: string; readonly url: string; readonly visible: number }>
  readonly killed: ReadonlyArray<string>
}

/** What `GET /_ecs-drain/promises` answers. */
export interface Verdict {
  readonly figures: {
    readonly services: ReadonlyArray<{ readonly name: string; readonly floor: number; readonly leastRunning: number }>
    readonly tasksKilled: number
    readonly apiCalls: number
    readonly apiCallsByOperation: Readonly<Record<string, number>>
    readonly secondsFromLastStoppedToCompletion: number | null
  }
  readonly promises: ReadonlyArray<{ readonly name: string; readonly held: boolean; readonly witness?: string }>
}

export interface SimulatedAws {
  /** host:port */
  readonly address: string
  readonly url: string
  readonly inboxUrl: string
  /** Moves time forward, or with null to the next moment at which anything happens. */
  moveClock(seconds: number | null): Promise<ClockView>
  state(): Promise<State>
  verdict(): Promise<Verdict>
  /** A function begins with so many records; its number. */
  invocationBegins(records: number): Promise<number>
  invocationEnds(invocation: number, ended: 'done' | 'failed' | 'crashed'): Promise<void>
  stop(): void
}

/** Serves a scenario: a built-in one's name, or a file. */
export const startSimulatedAws = async (
  scenario: string,
  seed: number,
  settings: ReadonlyArray<string> = [],
): Promise<SimulatedAws> => {
  const set = settings.flatMap((setting) => ['--set', setting])
  const args = [ecsDrain, 'serve', scenario, '--seed', String(seed), '--listen-port', '0', '--pace', 'stepped', ...set]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const greeting = await new Promise<string>((resolve, reject) => {
    let said = ''
    const hear = (text: string): void => {
      said += text
      if (said.includes('inbox: ') && said.includes('time: ')) resolve(said)
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.once('exit', () => reject(new Error(`the simulated AWS did not start:\n${said}`)))
  })
  const url = /AWS_ENDPOINT_URL=(\S+)/.exec(greeting)?.[1] ?? ''
  const ask = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const method = body === undefined ? 'GET' : 'POST'
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${url}/_ecs-drain/${path}`, { method, ...sent })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Answer
  }
  return {
    url,
    address: new URL(url).host,
    inboxUrl: /inbox: (\S+)/.exec(greeting)?.[1] ?? '',
    moveClock: (seconds) => ask('clock', seconds === null ? { toNext: true } : { seconds }),
    state: () => ask('state'),
    verdict: () => ask('promises'),
    invocationBegins: async (records) =>
      (await ask<{ readonly invocation: number }>('invocation', { records })).invocation,
    invocationEnds: async (invocation, ended) => {
      await ask('invocation', { invocation, ended })
    },
    stop: () => {
      child.kill('SIGTERM')
    },
  }
}
