/** What a stack says of itself, asked for with the AWS CLI, as `deploy` asks: its client is no dependency of ours. */
import { spawnSync } from 'node:child_process'
import { type AtDeadline, seconds } from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as J from 'fp-ts/Json'
import * as t from 'io-ts'
import { howFailed, isRegion, whyNotStarted } from '../command-line.ts'
import { atDeadline } from './event-sentence.ts'
import type { Patience } from './explanation.ts'

/** A stack of our templates, as far as `explain` needs it. */
export interface Stack {
  /** Its output TableName. */
  readonly table: string
  /** What its parameters say; null where they say nothing of a deadline. */
  readonly patience: Patience | null
}

const output = (name: string): string => `Outputs[?OutputKey=='${name}'].OutputValue|[0]`
const parameter = (name: string): string => `Parameters[?ParameterKey=='${name}'].ParameterValue|[0]`

const query = `Stacks[0].[${[
  output('TableName'),
  parameter('DeadlineSeconds'),
  parameter('AtDeadline'),
  parameter('StopGraceSeconds'),
].join(', ')}]`

const text = t.union([t.string, t.null])
/** What `query` selects, in that order. */
const Answer = t.tuple([text, text, text, text])

/** The stack of that name, or why it cannot be had, as a sentence. */
export const stackNamed = (name: string, region: string, endpoint: string | null): E.Either<string, Stack> => {
  const args = ['cloudformation', 'describe-stacks', '--stack-name', name, '--query', query, '--output', 'json']
  const place = ['--region', region, ...(endpoint === null ? [] : ['--endpoint-url', endpoint])]
  const ended = spawnSync('aws', [...args, ...place], { encoding: 'utf8' })
  if (ended.error !== undefined) return E.left(`${whyNotStarted('aws', ended.error)}, or name the table with --table`)
  const failure = howFailed('aws', ended)
  if (failure !== null) return E.left(`stack ${name} in ${region}: ${ended.stderr.trim() || failure}`)
  const answer = pipe(
    J.parse(ended.stdout),
    E.flatMap((printed) => Answer.decode(printed)),
  )
  const [table, deadline, choice, stopGrace] = E.isRight(answer) ? answer.right : [null, null, null, null]
  if (!table) return E.left(`stack ${name} in ${region} has no output TableName: name the table with --table`)
  return E.right({ table, patience: patienceOf(deadline, choice, stopGrace) })
}

/** The Region in the AWS CLI's configuration; null where it has none, or there is no CLI. */
export const configuredRegion = (): string | null => {
  const { status, stdout } = spawnSync('aws', ['configure', 'get', 'region'], { encoding: 'utf8' })
  return status === 0 && isRegion(stdout.trim()) ? stdout.trim() : null
}

/** The templates take whole seconds, and no deadline for an empty text. */
const patienceOf = (deadline: string | null, choice: string | null, stopGrace: string | null): Patience | null =>
  deadline && stopGrace && isChoice(choice)
    ? { deadline: { after: seconds(Number(deadline)), choice }, stopGrace: seconds(Number(stopGrace)) }
    : null

const isChoice = (word: string | null): word is AtDeadline => word !== null && Object.hasOwn(atDeadline, word)
