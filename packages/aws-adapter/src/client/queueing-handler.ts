/** Requests wait here for a connection: the SDK's own clocks would take the wait for a connection that cannot be made. */
import { finished } from 'node:stream'
import { NodeHttpHandler } from '@smithy/node-http-handler'

/** As many as the SDK opens to one service. */
const connectionsMax = 50

/**
 * For these the SDK would wait up to five seconds more before it sends again, longer than a function has left when its calls are cut off.
 * What stays refused waits in the drain, which costs no time.
 */
const waitHeaders = ['retry-after', 'x-amz-retry-after'] as const

const badGateway = 502

/**
 * No service of AWS answers with a page, or with nothing at all, not even the id of the request. Somebody on the way does, and Auto
 * Scaling's protocol would take either for a completion.
 */
const isNotOfAws = (headers: Readonly<Record<string, string>>): boolean =>
  headers['content-type']?.startsWith('text/html') === true ||
  (headers['content-length'] === '0' && headers['x-amzn-requestid'] === undefined)

const timeoutError = (): Error =>
  Object.assign(new Error('the answer did not end within the time of a request'), { name: 'TimeoutError' })

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
      const { body } = response
      for (const header of waitHeaders) delete response.headers[header]
      if (isNotOfAws(response.headers)) response.statusCode = badGateway
      // This is the head of an answer, with which the SDK's time for it is over. The connection is free when there is no more of it.
      const late = setTimeout(() => body.destroy(timeoutError()), endsAt - performance.now())
      finished(body, () => {
        clearTimeout(late)
        this.#pass()
      })
      return answer
    } catch (thrown) {
      this.#pass()
      throw thrown
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
