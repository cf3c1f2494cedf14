/** `ecs-drain explain`: reads the streams of drains and says what they mean. */
import type { ECSClient } from '@aws-sdk/client-ecs'
import { awsClients, type DynamoCalls, dynamoCalls, dynamoEventStore, systemClock } from '@ecs-drain/aws-adapter'
import {
  awaitsActivation,
  type Commit,
  type EventStore,
  type Failure,
  instanceOf,
  type StreamId,
} from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { complain, type ExitCode, exitCodes, runAsked } from '../command-line.ts'
import { accountLines } from './account-text.ts'
import { askEcs } from './ask-ecs.ts'
import { counted } from './event-sentence.ts'
import { type ExplainOptions, explainHelp, noRegion, readExplainOptions } from './explain-options.ts'
import { explain, explanationText, inWords, openDrainsText, type Unreadable } from './explanation.ts'
import { configuredRegion, type Stack, stackNamed } from './stack.ts'

/** Runs one command line. Never throws for what a user can do wrong, or AWS. */
export const explainCommand = async (args: ReadonlyArray<string>): Promise<ExitCode> =>
  runAsked(readExplainOptions(args, process.env), explainHelp, explainFrom)

const explainFrom = async (options: ExplainOptions): Promise<ExitCode> => {
  const { endpoint, stream } = options
  const region = options.region ?? configuredRegion()
  if (region === null) return complain([noRegion], exitCodes.badInput)
  const asked =
    options.table.type === 'stack'
      ? stackNamed(options.table.name, region, endpoint)
      : E.right(alone(options.table.name))
  if (E.isLeft(asked)) return complain([asked.left], exitCodes.failure)
  const { table, patience } = asked.right
  const { dynamodb, ecs } = awsClients({ region, endpoint })
  const store = dynamoEventStore(readOnly(dynamoCalls(dynamodb)), table)
  const place: Place = { store, ecs, table, region, patience }
  const output = await (stream === null ? ofOpen(place, options.json) : ofInstance(place, stream, options))()
  dynamodb.destroy()
  ecs.destroy()
  if (E.isLeft(output)) return complain([output.left], exitCodes.failure)
  const { text, complaint } = output.right
  process.stdout.write(text)
  return complaint === null ? exitCodes.ok : complain([complaint], exitCodes.failure)
}

/** A store tidies up behind those who died; whoever only asks leaves that to others. It does without where it is refused. */
const readOnly = (calls: DynamoCalls): DynamoCalls => {
  const refused = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('explain writes nothing'), { name: 'AccessDeniedException' }))
  return { ...calls, putItem: refused, updateItem: refused, deleteItem: refused }
}

/** What is to be printed, and what is missing in it; or why there is nothing. */
type Output = TE.TaskEither<string, { readonly text: string; readonly complaint: string | null }>

/** Who is asked, and where. */
interface Place {
  readonly store: EventStore
  readonly ecs: ECSClient
  readonly table: string
  readonly region: string
  readonly patience: Stack['patience']
}

/** Of a table without its stack nobody knows the policy. */
const alone = (table: string): Stack => ({ table, patience: null })

/** A table that is not there is asked for in the wrong place, or by the wrong name; one of other keys is somebody else's. */
const whyNot =
  ({ table, region }: Place) =>
  (failure: Failure): string => {
    if (failure.type === 'NotFound')
      return `there is no table ${table} in ${region} in the account of these credentials: ${failure.message}`
    if (failure.type === 'Rejected' && failure.code === 'ValidationException')
      return `table ${table} does not have the keys of a table of ecs-drain: ${failure.message}`
    return inWords(failure)
  }

const ofInstance = (place: Place, stream: StreamId, { json, asksEcs }: ExplainOptions): Output =>
  pipe(
    commitsOf(place.store, stream),
    TE.mapLeft(whyNot(place)),
    TE.flatMap((commits) => {
      const now = systemClock.now()
      const explanation = explain(stream, commits, now, place.patience)
      if (explanation === null) {
        return TE.left(
          `table ${place.table} has no drain of ${instanceOf(stream)}: there was none, it is too old, ` +
            'or it is in the table of another stack. ' +
            'If it waits for its hook now, look for it in the log of the function: ' +
            'a line says why it was not recorded; without one nobody has told the function',
        )
      }
      const { drain, headline } = explanation
      const events = commits.flatMap((commit) => commit.events)
      return pipe(
        asksEcs ? askEcs(place.ecs, drain) : TE.right(null),
        T.map((asked) => {
          // What the table says is told whether or not ECS can be asked.
          const account = E.isRight(asked) ? asked.right : null
          const lines = account === null ? [] : accountLines(account, { since: drain.announcedAt, now })
          const text = json
            ? jsonText({ stream, headline, drain, events, ...(account === null ? {} : { ecs: account }) })
            : explanationText(explanation, asksEcs ? lines : null)
          const complaint = E.isLeft(asked) ? `ECS could not be asked: ${inWords(asked.left)}` : null
          return E.right({ text, complaint })
        }),
      )
    }),
  )

/** One that cannot be read hides none of the others. */
const ofOpen = (place: Place, json: boolean): Output =>
  pipe(
    place.store.listWatched({ type: 'ListWatchedStreams' }),
    TE.mapLeft(whyNot(place)),
    TE.flatMapTask(
      T.traverseSeqArray((stream) =>
        pipe(
          commitsOf(place.store, stream),
          TE.map((commits) => explain(stream, commits, systemClock.now(), place.patience)),
          TE.mapLeft((failure): Unreadable => ({ stream, failure })),
        ),
      ),
    ),
    TE.map((told) => {
      const { left: unreadable, right: explanations } = RA.separate(told)
      const open = explanations
        .filter((each) => each !== null)
        // A drain that has ended is watched as well while its instance may come back from a warm pool.
        .filter(({ drain }) => drain.phase !== 'ended' || awaitsActivation(drain))
        .toSorted((one, other) => one.drain.announcedAt - other.drain.announcedAt)
      const text = json
        ? jsonText([...open.map(({ stream, headline, drain }) => ({ stream, headline, drain })), ...unreadable])
        : openDrainsText(open, unreadable)
      const complaint =
        unreadable.length === 0 ? null : `${unreadable.length} of ${counted(told.length, 'stream')} could not be read`
      return { text, complaint }
    }),
  )

const commitsOf = (store: EventStore, stream: StreamId): TE.TaskEither<Failure, ReadonlyArray<Commit>> =>
  store.load({ type: 'LoadStream', stream, after: 0 })

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
