/**
 * Stands between the function and what it calls. It counts requests by operation, lets virtual time pass with each, and
 * does what a test wants done to a request on its way: lose it, lose its answer, or answer it otherwise.
 */
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { nowHeader } from './now-header.ts'

/** What happens to one request. */
export type Fate =
  | 'forward'
  /** The connection breaks before the request arrives. */
  | 'lose-request'
  /** It is carried out, and the connection breaks before the answer arrives. */
  | 'lose-answer'
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** One request, as the tests know it. */
export interface Passing {
  /** The operation's name, from X-Amz-Target or Action. */
  readonly operation: string
  /** How many requests have passed before, of any operation. */
  readonly number: number
}

export interface RelayOptions {
  /** host:port of the server behind. */
  readonly target: string
  /** Lets the time pass that a request takes, and tells the instant at which it arrives. */
  readonly arrive: () => Promise<number>
  readonly fateOf?: (passing: Passing) => Fate
}

export interface Relay {
  readonly url: string
  /** Requests that passed, by operation, retries included. */
  readonly calls: ReadonlyMap<string, number>
  close(): Promise<void>
}

export const startRelay = async ({ target, arrive, fateOf = () => 'forward' }: RelayOptions): Promise<Relay> => {
  const calls = new Map<string, number>()
  let number = 0
  const server: Server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy())
  })
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming)
    const operation = operationOf(incoming, body)
    calls.set(operation, (calls.get(operation) ?? 0) + 1)
    const fate = fateOf({ operation, number: number++ })
    const now = await arrive()
    if (fate === 'lose-request') return void outgoing.destroy()
    if (typeof fate === 'object') {
      outgoing.writeHead(fate.status, { ...fate.headers, [nowHeader]: String(now) }).end(fate.body)
      return
    }
    const answer = await forward(target, incoming, body)
    if (fate === 'lose-answer') return void outgoing.destroy()
    // Its clock is the real one; the function's is not.
    const { date: _date, ...headers } = answer.headers
    outgoing.writeHead(answer.status, { ...headers, [nowHeader]: String(now) }).end(answer.body)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

const forward = (target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const [hostname, port] = target.split(':')
    const outgoing = httpRequest({ hostname, port, method, path: url, headers }, (incoming) => {
      bodyOf(incoming).then(
        (answered) => resolve({ status: incoming.statusCode ?? 502, headers: incoming.headers, body: answered }),
        reject,
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })

const bodyOf = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const operationOf = ({ headers }: IncomingMessage, body: Buffer): string => {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return target.slice(target.indexOf('.') + 1)
  return new URLSearchParams(body.toString('utf8')).get('Action') ?? 'unknown'
}
