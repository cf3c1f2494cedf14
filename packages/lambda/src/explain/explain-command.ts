/** `ecs-drain explain`: reads the streams of drains and says what they mean. */
import { awsClients, type DynamoCalls, dynamoCalls, dynamoEventStore, systemClock } from '@ecs-drain/aws-adapter'
import { type Commit, type EventStore, type Failure, instanceOf, type StreamId } from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { complain, type ExitCode, exitCodes, runAsked } from '../command-line.ts'
import { type ExplainOptions, explainHelp, readExplainOptions } from './explain-options.ts'
import { explain, explanationText } from './explanation.ts'

/** Runs one command line. Never throws for what a user can do wrong, or AWS. */
export const explainCommand = async (args: ReadonlyArray<string>): Promise<ExitCode> =>
  runAsked(readExplainOptions(args, process.env), explainHelp, explainFrom)

const explainFrom = async ({ region, endpoint, table, stream, json }: ExplainOptions): Promise<ExitCode> => {
  const { dynamodb } = awsClients({ region, endpoint })
  const store = dynamoEventStore(readOnly(dynamoCalls(dynamodb)), table)
  const printed = await (stream === null ? ofOpen(store, json) : ofInstance(store, stream, table, json))()
  dynamodb.destroy()
  if (E.isLeft(printed)) return complain([printed.left], exitCodes.failure)
  process.stdout.write(printed.right)
  return exitCodes.ok
}

/** A store tidies up behind those who died; whoever only asks leaves that to others. It does without where it is refused. */
const readOnly = (calls: DynamoCalls): DynamoCalls => {
  const refused = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('explain writes nothing'), { name: 'AccessDeniedException' }))
  return { ...calls, putItem: refused, updateItem: refused, deleteItem: refused }
}

/** What is to be printed, or why there is nothing. */
type Output = TE.TaskEither<string, string>

const ofInstance = (store: EventStore, stream: StreamId, table: string, json: boolean): Output =>
  pipe(
    commitsOf(store, stream),
    TE.chain((commits) => {
      const explanation = explain(stream, commits, systemClock.now())
      if (explanation === null) {
        return TE.left(`table ${table} has no drain of ${instanceOf(stream)}: there was none, or it is too old`)
      }
      const { drain, headline } = explanation
      const events = commits.flatMap((commit) => commit.events)
      return TE.right(json ? jsonText({ stream, headline, drain, events }) : explanationText(explanation))
    }),
  )

const ofOpen = (store: EventStore, json: boolean): Output =>
  pipe(
    store.listWatched({ type: 'ListWatchedStreams' }),
    TE.mapLeft(inWords),
    TE.chain(
      TE.traverseSeqArray((stream) =>
        pipe(
          commitsOf(store, stream),
          TE.map((commits) => explain(stream, commits, systemClock.now())),
        ),
      ),
    ),
    TE.map((explanations) => {
      // A drain that has ended is watched as well while its instance may come back from a warm pool.
      const open = explanations
        .filter((each) => each !== null)
        .filter(({ drain }) => drain.phase !== 'ended')
        .toSorted((one, other) => one.drain.announcedAt - other.drain.announcedAt)
      if (json) return jsonText(open.map(({ stream, headline, drain }) => ({ stream, headline, drain })))
      if (open.length === 0) return 'No drain is open.\n'
      return open.map(({ stream, headline }) => `${instanceOf(stream)}  ${headline}\n`).join('')
    }),
  )

const commitsOf = (store: EventStore, stream: StreamId): TE.TaskEither<string, ReadonlyArray<Commit>> =>
  pipe(store.load({ type: 'LoadStream', stream, after: 0 }), TE.mapLeft(inWords))

const inWords = ({ type, message }: Failure): string => `${type}: ${message}`

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
