/** Questions to AWS, asked with the AWS CLI: it has the user's credentials, reads every page, and is no dependency. */
import { spawnSync } from 'node:child_process'
import * as E from 'fp-ts/Either'
import type * as t from 'io-ts'
import { pathText, problemsOf } from '../plan/strict-codecs.ts'

/** Where and as whom the CLI asks; what is left out it finds in its own configuration. */
export interface AwsPlace {
  readonly region?: string
  readonly profile?: string
  readonly endpointUrl?: string
}

/** One request: `['ecs', 'list-services', '--cluster', 'web']`, and how its answer is read. Left: why there is none, in a sentence. */
export type Ask = <Answer>(request: ReadonlyArray<string>, answer: t.Type<Answer, unknown>) => E.Either<string, Answer>

// A description of a hundred tasks is a megabyte.
const answerMost = 256 * 1024 * 1024

export const askingWithCli = ({ region, profile, endpointUrl }: AwsPlace): Ask => {
  const place = [
    ...(region === undefined ? [] : ['--region', region]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(endpointUrl === undefined ? [] : ['--endpoint-url', endpointUrl]),
  ]
  return (request, answer) => {
    const what = request.slice(0, 2).join(' ')
    const { error, status, stdout, stderr } = spawnSync('aws', [...request, ...place, '--output', 'json'], {
      encoding: 'utf8',
      maxBuffer: answerMost,
    })
    if (error !== undefined) return E.left(whyNotAsked(error))
    if (status !== 0) return E.left(`aws ${what}: ${stderr.trim() || `exit code ${status}`}`)
    return read(what, stdout, answer)
  }
}

const whyNotAsked = (error: Error): string =>
  'code' in error && error.code === 'ENOENT'
    ? 'there is no command aws here: install the AWS CLI'
    : `aws could not be run: ${error.message}`

const read = <Answer>(what: string, text: string, answer: t.Type<Answer, unknown>): E.Either<string, Answer> => {
  let document: unknown
  try {
    // Of an empty answer the CLI prints nothing.
    document = text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    return E.left(`aws ${what}: expected JSON, got ${JSON.stringify(text.slice(0, 60))}`)
  }
  const decoded = answer.decode(document)
  if (E.isRight(decoded)) return decoded
  const [problem] = problemsOf(decoded.left)
  return E.left(`aws ${what}: ${pathText(problem?.path ?? [])}: ${problem?.message ?? 'not what AWS documents'}`)
}
