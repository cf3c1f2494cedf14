/** Somebody's function, listening where the endpoint calls it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished } from 'vitest'

interface Listening {
  readonly url: string
  readonly heard: Array<string>
  /** Waits until it was called so often. */
  readonly calls: (count: number) => Promise<void>
}

/** A function behind HTTP, as the runtime interface emulator has it. */
export const listen = async (answer: () => string | Promise<string> = () => 'null'): Promise<Listening> => {
  const heard: Array<string> = []
  const server = createServer((incoming, outgoing) => {
    let text = ''
    incoming.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
    })
    incoming.on('end', () => {
      heard.push(text)
      Promise.resolve(answer()).then(
        (body) => outgoing.end(body),
        () => outgoing.destroy(),
      )
    })
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/2015-03-31/functions/function/invocations`,
    heard,
    calls: async (count) => {
      await expect.poll(() => heard.length, { timeout: 5000, interval: 5 }).toBe(count)
      // The answer has to get back, too.
      await new Promise((done) => setTimeout(done, 30))
    },
  }
}
