/** Requests wait here for a connection: the SDK's own clocks would take the wait for a connection that cannot be made. */
import { finished } from 'node:stream'
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler'

/** As many as the SDK opens to one service. */
const connectionsMax = 50

/**
 * For these the SDK would wait up to five seconds more before it sends again, longer than a function has left when its calls are cut off.
 * What stays refused waits in the drain, which costs no time.
 */
const waitHeaders = ['retry-after', 'x-amz-retry-after'] as const

const badGateway = 502

/** The SDK's handler, asked for no more at once than it has connections; the rest come in turn. */
export class QueueingHandler extends NodeHttpHandler {
  #free = connectionsMax
  readonly #waiting: Array<() => void> = []
  readonly #cutOff: () => AbortSignal | undefined

  constructor(options: NodeHttpHandlerOptions, cutOff: () => AbortSignal | undefined) {
    super(options)
    this.#cutOff = cutOff
  }

  override async handle(
    ...[request, options]: Parameters<NodeHttpHandler['handle']>
  ): ReturnType<NodeHttpHandler['handle']> {
    // What waits for a connection is of the time in which it was asked for.
    const abortSignal = this.#cutOff()
    if (this.#free > 0) this.#free -= 1
    else await this.#turn()
    try {
      const answer = await super.handle(request, abortSignal === undefined ? options : { ...options, abortSignal })
      const { response } = answer
      for (const header of waitHeaders) delete response.headers[header]
      // No service of AWS answers with a page. Somebody on the way does, and Auto Scaling's protocol would take it for a completion.
      if (response.headers['content-type']?.startsWith('text/html') === true) response.statusCode = badGateway
      // This is the head of an answer. Its connection is free when there is no more of it.
      finished(response.body, () => this.#pass())
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
