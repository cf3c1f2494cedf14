/** Requests wait here for a connection: the SDK's own clocks would take the wait for a connection that cannot be made. */
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { NodeHttpHandler } from '@smithy/node-http-handler'

/** As many as the SDK opens to one service. */
const connectionsMax = 50

/**
 * For these the SDK would wait up to five seconds more before it sends again, longer than a function has left when its calls are cut off.
 * What stays refused waits in the drain, which costs no time.
 */
const waitHeaders = ['retry-after', 'x-amz-retry-after'] as const

type Request = Parameters<NodeHttpHandler['handle']>[0]
type Response = Awaited<ReturnType<NodeHttpHandler['handle']>>['response']

/**
 * No service of AWS answers with a page, or with nothing at all, not even the id of the request. Somebody on the way does, and the
 * SDK would take much of it for an answer: of a completion, a heartbeat or a stopped task it reads nothing.
 */
const isOfAws = (request: Request, { statusCode, headers }: Response, body: Buffer): boolean => {
  if (headers['content-type']?.startsWith('text/html') === true) return false
  if (body.length === 0 && headers['x-amzn-requestid'] === undefined) return false
  return statusCode >= 300 || isAnswerTo(request, body)
}

/** The root of an answer of Auto Scaling is named for the operation; those of the others are objects, or nothing at all. */
const isAnswerTo = ({ headers, body: asked }: Request, body: Buffer): boolean => {
  const beginning = body.toString('utf8', 0, 500)
  if (headers['x-amz-target'] !== undefined) return /^\s*(\{|$)/.test(beginning)
  const operation = typeof asked === 'string' ? new URLSearchParams(asked).get('Action') : null
  // In another protocol, as a later SDK may speak one, it is for the SDK to say.
  return operation === null || /^\s*(?:<\?.*?\?>\s*)?<(\w+)/.exec(beginning)?.[1] === `${operation}Response`
}

/** Tried again like an answer of HTTP 502, which is how a gateway should have said it. */
const notOfAws = ({ statusCode, headers }: Response): Error => {
  const message = `somebody else than AWS answered: HTTP ${statusCode}, ${headers['content-type'] ?? 'of no type'}`
  return Object.assign(new Error(message), { name: 'NotOfAws', $metadata: { httpStatusCode: 502 } })
}

const timeoutError = (): Error =>
  Object.assign(new Error('the answer did not end within the time of a request'), { name: 'TimeoutError' })

const wholeBy = async (endsAt: number, body: Readable): Promise<Buffer> => {
  const late = setTimeout(() => body.destroy(timeoutError()), endsAt - performance.now())
  try {
    return await buffer(body)
  } finally {
    clearTimeout(late)
  }
}

/** The SDK's handler, asked for no more at once than it has connections; the rest come in turn. */
export class QueueingHandler extends NodeHttpHandler {
  #free = connectionsMax
  readonly #waiting: Array<() => void> = []
  readonly #requestTimeout: number
  readonly #cutOff: () => AbortSignal | undefined

  constructor(connectionTimeout: number, requestTimeout: number, cutOff: () => AbortSignal | undefined) {
    // Without the last a request that takes too long is only warned about.
    super({ connectionTimeout, requestTimeout, throwOnRequestTimeout: true })
    this.#requestTimeout = requestTimeout
    this.#cutOff = cutOff
  }

  override async handle(
    ...[request, options]: Parameters<NodeHttpHandler['handle']>
  ): ReturnType<NodeHttpHandler['handle']> {
    // What waits for a connection is of the time in which it was asked for.
    const abortSignal = this.#cutOff()
    if (this.#free > 0) this.#free -= 1
    else await this.#turn()
    const endsAt = performance.now() + this.#requestTimeout
    try {
      const answer = await super.handle(request, abortSignal === undefined ? options : { ...options, abortSignal })
      const { response } = answer
      // This is the head of an answer, with which the SDK's time for it is over. The connection is free when there is no more of it.
      const body = await wholeBy(endsAt, response.body)
      if (!isOfAws(request, response, body)) throw notOfAws(response)
      for (const header of waitHeaders) delete response.headers[header]
      response.body = body
      return answer
    } finally {
      this.#pass()
    }
  }

  #pass(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }
}
