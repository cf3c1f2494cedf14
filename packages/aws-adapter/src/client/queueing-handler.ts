/** Requests wait here for a connection: the SDK's own clocks would take the wait for a connection that cannot be made. */
import { NodeHttpHandler } from '@smithy/node-http-handler'

/** As many as the SDK opens to one service. */
const connectionsMax = 50

/** The SDK's handler, asked for no more at once than it has connections; the rest come in turn. */
export class QueueingHandler extends NodeHttpHandler {
  #free = connectionsMax
  readonly #waiting: Array<() => void> = []

  override async handle(...asked: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn()
    try {
      return await super.handle(...asked)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }
}
