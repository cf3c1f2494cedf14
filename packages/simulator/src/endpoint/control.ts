/** The control of a world, for tests and for people: JSON below `/_ecs-drain/`. Unknown fields are ignored. */
import * as E from 'fp-ts/Either'
import { timeMax } from '../kernel/calendar-queue.ts'
import { isRecord, preview } from '../plan/strict-codecs.ts'
import { DECISION } from '../trace/kind-numbers.ts'
import { traceLines } from '../trace/trace-lines.ts'
import { decisionNumber } from '../world/lambda/decisions.ts'
import { act } from './act.ts'
import type { Session } from './session.ts'
import { stateView } from './state-view.ts'
import type { WireReply, WireRequest } from './wire/request.ts'

const controlPath = '/_ecs-drain'

const pathOf = (url: string): string => url.split('?')[0] ?? ''

/** Everything there and below is control. */
export const isControl = (url: string): boolean => `${pathOf(url)}/`.startsWith(`${controlPath}/`)

/** What there is to control, for the reference. */
export const controls: ReadonlyArray<{
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly says: string
}> = [
  {
    method: 'POST',
    path: 'clock',
    says:
      '`{"seconds": n}` moves time forward, fractions allowed, and lets everything due happen. ' +
      '`{"toNext": true}` moves it to the next moment at which anything happens. ' +
      'Answers `now`, `seconds` since second zero, `nextAt` (null: never), and whether the world is `settled`.',
  },
  {
    method: 'GET',
    path: 'clock',
    says: 'The same answer; time stays.',
  },
  {
    method: 'GET',
    path: 'state',
    says: 'The truth: `now`, `clusters`, `groups`, `queues`, and `killed`, the tasks whose host went away before they had stopped.',
  },
  {
    method: 'GET',
    path: 'trace',
    says: 'Everything that has happened, as the JSON lines that `ecs-drain simulate --trace` writes.',
  },
  {
    method: 'GET',
    path: 'promises',
    says:
      'The verdict if the run ended now: the figures and the promises S1 to S4 and L1 to L3. ' +
      'S5 is about stored events, which the world does not see.',
  },
  {
    method: 'POST',
    path: 'act',
    says: 'Something happens now; see below. Answers `now` and what was begun.',
  },
  {
    method: 'POST',
    path: 'invocation',
    says:
      '`{"records": n}` says that a function begins with so many records and answers its number in `invocation`; ' +
      'calls count as its own until `{"invocation": number, "ended": "done"}`, or `failed`, or `crashed`.',
  },
  {
    method: 'POST',
    path: 'decision',
    says:
      '`{"instance": id, "name": text, "text": text}` notes what a controller has decided in the trace; ' +
      "a `CompletionForced` or a `DeadlineReached`, noted before it is acted on, excuses what the user's deadline asked for.",
  },
]

/** How time is moved. */
export interface ControlledTime {
  /** Brings the world to the present, where time runs by itself. */
  readonly catchUp: () => void
  /** Moves it forward from there. */
  readonly skip: (ms: number) => void
}

export const serveControl = (session: Session, time: ControlledTime, request: WireRequest): WireReply => {
  const path = pathOf(request.url).slice(controlPath.length + 1)
  const isKnown = controls.some((control) => control.path === path && control.method === request.method)
  if (!isKnown) {
    const methods = controls.filter((control) => control.path === path).map(({ method }) => method)
    if (methods.length > 0) return json(405, { errors: [`${path} is asked for with ${methods.join(' or ')}`] })
    const known = [...new Set(controls.map((control) => control.path))].join(', ')
    return json(404, { errors: [`there is no control ${preview(path)}; there are ${known}`] })
  }
  if (request.method === 'GET') return read(session, path)
  let body: unknown
  try {
    body = JSON.parse(request.body)
  } catch (error) {
    return json(400, { errors: [`(body): expected JSON: ${error instanceof Error ? error.message : String(error)}`] })
  }
  const done = write(session, time, path, body)
  return E.isLeft(done) ? json(400, { errors: done.left }) : json(200, done.right)
}

type Done = E.Either<ReadonlyArray<string>, object>

const json = (status: number, body: object): WireReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(body)}\n`,
})

const read = (session: Session, path: string): WireReply => {
  switch (path) {
    case 'trace':
      return {
        status: 200,
        headers: { 'content-type': 'application/jsonl' },
        body: [
          ...traceLines(session.world.trace.finish(session.world.cast), session.plan, { controller: 'endpoint' }),
        ].join(''),
      }
    case 'promises':
      return json(200, session.verdict())
    case 'clock':
      return json(200, clockView(session))
    default:
      return json(200, stateView(session))
  }
}

const write = (session: Session, time: ControlledTime, path: string, body: unknown): Done => {
  if (!isRecord(body)) return E.left([`(body): expected an object, got ${preview(body)}`])
  switch (path) {
    case 'clock':
      return moveClock(session, time, body)
    case 'act': {
      const acted = act(session, body)
      return E.isLeft(acted) ? acted : E.right({ ...nowOf(session), ...acted.right })
    }
    case 'invocation':
      return noteInvocation(session, body)
    default:
      return noteDecision(session, body)
  }
}

const nowOf = ({ world, dateOf }: Session): { readonly now: string } => ({ now: dateOf(world.now).toISOString() })

const clockView = (session: Session) => {
  const next = session.nextAt()
  return {
    ...nowOf(session),
    seconds: session.world.now / 1000,
    nextAt: next === null ? null : session.dateOf(next).toISOString(),
    settled: session.isSettled(),
  }
}

const moveClock = (session: Session, time: ControlledTime, body: Readonly<Record<string, unknown>>): Done => {
  const { seconds, toNext } = body
  if (toNext !== undefined && typeof toNext !== 'boolean') {
    return E.left([`toNext: expected true or false, got ${preview(toNext)}`])
  }
  if (toNext === true) {
    if (seconds !== undefined) return E.left(['seconds: expected nothing beside toNext'])
    const next = session.nextAt()
    if (next !== null) time.skip(next - session.world.now)
    return E.right(clockView(session))
  }
  const most = (timeMax - session.world.now) / 1000
  if (typeof seconds !== 'number' || !(seconds >= 0) || seconds > most) {
    return E.left([`seconds: expected a number from 0 to ${most}, got ${preview(seconds)}`])
  }
  time.skip(Math.round(seconds * 1000))
  return E.right(clockView(session))
}

const endings = ['done', 'failed', 'crashed']

const noteInvocation = (session: Session, body: Readonly<Record<string, unknown>>): Done => {
  const { invocations: open } = session
  const { records, invocation, ended } = body
  if (invocation === undefined) {
    if (typeof records !== 'number' || !Number.isInteger(records) || records < 0) {
      return E.left([`records: expected a number of records, got ${preview(records)}`])
    }
    return E.right({ ...nowOf(session), invocation: session.beginInvocation(records) })
  }
  if (typeof invocation !== 'number' || !open.has(invocation)) {
    return E.left([`invocation: expected one that is under way, got ${preview(invocation)}`])
  }
  const ending = endings.indexOf(String(ended))
  if (ending === -1) return E.left([`ended: expected one of ${endings.join(', ')}, got ${preview(ended)}`])
  session.endInvocation(invocation, ending)
  return E.right({ ...nowOf(session), invocation })
}

const noteDecision = ({ world, ...session }: Session, body: Readonly<Record<string, unknown>>): Done => {
  const { instance: id, name, text } = body
  const instance = world.instances.findIndex((each) => each.id === id)
  if (instance === -1) return E.left([`instance: there is no instance ${preview(id)}`])
  if (typeof name !== 'string' || !/^\w{1,100}$/.test(name)) {
    return E.left([`name: expected a name of 1 to 100 letters, got ${preview(name)}`])
  }
  world.trace.write(world.now, DECISION, instance, decisionNumber(world, name))
  if (typeof text === 'string') world.trace.annotate(text)
  return E.right({ now: session.dateOf(world.now).toISOString() })
}
