/** `ecs-drain serve`: a world behind AWS's protocols, until a signal ends it. */
import { createEndpoint, type Endpoint } from '../endpoint/endpoint.ts'
import type { Pace } from '../endpoint/pace.ts'
import type { MessageKind } from '../plan/plan.ts'
import type { Scenario, Variant } from '../scenario/read-scenario.ts'
import { BadInput, type ExitCode, exitCodes } from './exit-codes.ts'
import { type ScenarioOptions, scenarioOf, variantsOf } from './scenario-options.ts'

/** The options as commander hands them over. */
export interface ServeCommandOptions extends ScenarioOptions {
  readonly listenPort: number
  readonly pace: Pace
  readonly invoke?: string
  readonly subscribes?: ReadonlyArray<MessageKind>
}

/** Serves until SIGINT or SIGTERM. Throws BadInput where the scenario or the port cannot be had. */
export const serveCommand = async (nameOrFile: string, options: ServeCommandOptions): Promise<ExitCode> => {
  const scenario = scenarioOf(nameOrFile, options)
  const [served] = variantsOf(scenario, nameOrFile, options.variant)
  const { plan } = served
  const ended = nextSignal()
  // A client may compare the world's calendar with its own. They begin together, so that nobody takes a drain for months old.
  const begun = options.pace === 'stepped' ? plan : { ...plan, start: new Date().toISOString() }
  const endpoint = await listening(
    () => createEndpoint(begun, { ...telling(options), pace: options.pace, port: options.listenPort }),
    options,
  )
  process.stdout.write(greeting(scenario, served, endpoint, options.pace))
  const signal = await ended
  await endpoint.close()
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
}

const telling = ({ invoke, subscribes }: ServeCommandOptions) => ({
  ...(invoke === undefined ? {} : { invoke, onFunctionFailure: tellFailure }),
  ...(subscribes === undefined ? {} : { subscribes }),
})

/** The world goes on, and calls it again in a minute. */
const tellFailure = (why: string): void => {
  process.stderr.write(`ecs-drain: the function failed: ${why.replaceAll(/\s+/g, ' ')}\n`)
}

const nextSignal = (): Promise<'SIGINT' | 'SIGTERM'> =>
  new Promise((received) => {
    process.once('SIGINT', () => received('SIGINT'))
    process.once('SIGTERM', () => received('SIGTERM'))
  })

const whyNot: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; --listen-port 0 takes a free one',
  EACCES: 'the port may not be listened to; one above 1023 may',
}

const listening = async (listen: () => Promise<Endpoint>, { listenPort }: ServeCommandOptions): Promise<Endpoint> => {
  try {
    return await listen()
  } catch (error) {
    const why = whyNot[(error as NodeJS.ErrnoException).code ?? '']
    if (why === undefined) throw error
    throw new BadInput([`--listen-port ${listenPort}: ${why}`])
  }
}

/** Which of them is served, and what else could be. */
const variantLine = (served: string, variants: Scenario['variants']): string => {
  const others = variants.flatMap(({ name }) => (name === null || name === served ? [] : [name]))
  return `variant: ${served}${others.length === 0 ? '' : `; --variant serves another: ${others.join(', ')}`}`
}

const greeting = (
  { name, variants }: Scenario,
  served: Variant,
  { url, region, inboxUrl }: Endpoint,
  pace: Pace,
): string => {
  const time =
    pace === 'stepped'
      ? 'stepped: POST /_ecs-drain/clock moves it'
      : pace === 1
        ? 'real'
        : `${pace} times as fast as real`
  return [
    `ecs-drain: ${name} is served at ${url}`,
    ...(served.name === null ? [] : [variantLine(served.name, variants)]),
    `export AWS_ENDPOINT_URL=${url} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    'export AWS_ACCESS_KEY_ID=simulated AWS_SECRET_ACCESS_KEY=simulated',
    `inbox: ${inboxUrl}`,
    `time: ${time}`,
    'state: GET /_ecs-drain/state; Ctrl-C ends it',
    '',
  ].join('\n')
}
