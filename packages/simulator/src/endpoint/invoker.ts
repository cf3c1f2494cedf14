/**
 * A function that topics and rules call by themselves, behind a URL such as that of Lambda's runtime interface emulator. What fails
 * is tried again after one minute and after two more, and is a dead letter then (AWS: Lambda developer guide, asynchronous invocation).
 */
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'

/** One event on its way to the function. */
export interface Invocation {
  /** The event, JSON. */
  readonly text: string
  /** The function begins; what is called now is counted as its own. */
  readonly begun: () => void
  readonly ended: (succeeded: boolean) => void
  /** It has failed for the last time. */
  readonly failed: () => void
}

export interface Invoker {
  /** Calls the function now. */
  readonly invoke: (invocation: Invocation) => void
  /** Tries again what is due by now, in milliseconds of the world. */
  readonly retryDue: (now: number) => void
  /** When something is tried again; null: never. */
  readonly nextAt: () => number | null
}

/** How a function is called. Null, or why it failed; a rejection is a failure, too. */
export type CallFunction = (text: string) => Promise<string | null>

const retriesAfterMs = [60_000, 120_000] as const

/** `clock` tells the present of the world, which has gone on when an answer comes. Each failure is told to `onFailure`. */
export const createInvoker = (
  call: CallFunction,
  clock: () => number,
  onFailure: (why: string) => void = () => {},
): Invoker => {
  let waiting: Array<{ readonly at: number; readonly invocation: Invocation; readonly attempt: number }> = []

  const attempt = async (invocation: Invocation, number: number): Promise<void> => {
    invocation.begun()
    // Nobody there is a failure like any other.
    const why = await call(invocation.text).catch(reasonOf)
    invocation.ended(why === null)
    if (why === null) return
    onFailure(why)
    const after = retriesAfterMs[number]
    if (after === undefined) invocation.failed()
    else waiting.push({ at: clock() + after, invocation, attempt: number + 1 })
  }

  return {
    invoke: (invocation) => {
      void attempt(invocation, 0)
    },
    retryDue: (now) => {
      const due = waiting.filter(({ at }) => at <= now)
      waiting = waiting.filter(({ at }) => at > now)
      for (const { invocation, attempt: number } of due) void attempt(invocation, number)
    },
    nextAt: () => (waiting.length === 0 ? null : Math.min(...waiting.map(({ at }) => at))),
  }
}

/** Of several addresses that nobody listens at, Node tells a code and no more. */
const reasonOf = (error: NodeJS.ErrnoException): string => error.message || error.code || String(error)

/**
 * By HTTP, as Lambda is called. An error of the function comes with status 200, a header, or an error in the body. A function that polls
 * takes minutes, so nothing here ends the wait, as fetch would after five; and the wait keeps no process alive.
 */
export const callByHttp = (url: string): CallFunction => {
  const request = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest
  return async (text) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const asked = request(url, { method: 'POST', agent: false, headers })
    asked.once('socket', (socket) => socket.unref())
    // Told by what is awaited; a connection that breaks off in the middle of an answer is told here as well.
    asked.on('error', () => {})
    asked.end(text)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const body = (await buffer(response)).toString('utf8')
    const { statusCode = 0 } = response
    const isFunctionError = 'x-amz-function-error' in response.headers || /^\s*\{[^{}]*"errorType"\s*:/.test(body)
    return statusCode >= 200 && statusCode < 300 && !isFunctionError ? null : `${statusCode} ${body.slice(0, 1000)}`
  }
}
