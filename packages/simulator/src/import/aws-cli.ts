/** Questions to AWS, asked with the AWS CLI: it has the user's credentials, reads every page, and is no dependency. */
import { type ExecFileException, execFile } from 'node:child_process'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { pathText, problemsOf } from '../plan/strict-codecs.ts'

/** Where and as whom the CLI asks; what is left out it finds in its own configuration. */
export interface AwsPlace {
  readonly region?: string
  readonly profile?: string
  readonly endpointUrl?: string
}

/** One request: `['ecs', 'list-services', '--cluster', 'web']`, and how its answer is read. Left: why there is none, in a sentence. */
export type Ask = <Answer>(
  request: ReadonlyArray<string>,
  answer: t.Type<Answer, unknown>,
) => TE.TaskEither<string, Answer>

// A description of a hundred tasks is a megabyte.
const answerMost = 256 * 1024 * 1024

export const askingWithCli = ({ region, profile, endpointUrl }: AwsPlace): Ask => {
  const place = [
    ...(region === undefined ? [] : ['--region', region]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(endpointUrl === undefined ? [] : ['--endpoint-url', endpointUrl]),
  ]
  return (request, answer) => () =>
    new Promise((answered) => {
      const what = request.slice(0, 2).join(' ')
      const command = [...request, ...place, '--output', 'json']
      const cli = execFile('aws', command, { maxBuffer: answerMost }, (error, stdout, stderr) => {
        answered(error === null ? read(what, stdout, answer) : E.left(whyNoAnswer(what, error, stderr.trim())))
      })
      // What the CLI would ask its user, it is not told here: it must not wait for it.
      cli.stdin?.end()
    })
}

/** A code in letters is Node's: the CLI never ran, or not to its end. */
const whyNoAnswer = (what: string, { code, message }: ExecFileException, said: string): string => {
  if (code === 'ENOENT') return 'there is no command aws here: install the AWS CLI'
  if (typeof code === 'string') return `aws could not be run: ${message}`
  return `aws ${what}: ${said || `exit code ${code}`}`
}

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
