/**
 * A loopback HTTP endpoint over a simulated world: AWS's SDKs, its CLI or anybody's drain function can be pointed at it. It
 * serves one request after the other, each at one moment of the world.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Plan } from '../plan/plan.ts'
import { refuseUnsound } from '../plan/read-plan.ts'
import type { Verdict } from '../promise/judge.ts'
import type { Trace } from '../trace/trace.ts'
import { act } from './act.ts'
import { isControl, serveControl } from './control.ts'
import { createSession, type SessionOptions } from './create-session.ts'
import { createFlow, type Pace } from './pace.ts'
import { serveAws } from './protocols.ts'
import { urlOf } from './sqs/queue-names.ts'
import { type StateView, stateView } from './state-view.ts'
import { jsonText } from './wire/output.ts'
import type { WireReply, WireRequest } from './wire/request.ts'

export interface EndpointOptions extends SessionOptions {
  /** How time goes by; `stepped` if left out. */
  readonly pace?: Pace
  /** The port of 127.0.0.1; 0, or left out: one that is free. */
  readonly port?: number
}

/** An endpoint that listens. */
export interface Endpoint {
  /** `http://127.0.0.1:PORT`: what AWS_ENDPOINT_URL should be. */
  readonly url: string
  readonly region: string
  readonly inboxUrl: string
  readonly deadLettersUrl: string
  /** Virtual seconds since second zero. */
  seconds(): number
  /** Moves time forward by so many virtual seconds; everything due happens. Throws for less than none. */
  advance(seconds: number): void
  /** Moves time to the next moment at which anything happens; false: nothing ever will. */
  advanceToNext(): boolean
  /** Something happens now, written like a happening of a plan; throws where it is not one, with all that is wrong. */
  act(happening: Readonly<Record<string, unknown>>): void
  /** The truth about the world, as `GET /_ecs-drain/state` tells it. */
  state(): StateView
  /** Everything that has happened so far. */
  trace(): Trace
  /** The figures, and S1 to S4 and L1 to L3, if the run ended now. */
  verdict(): Verdict
  /** Nothing is under way, and nothing has changed for a whole period of the sweep. */
  isSettled(): boolean
  /** Stops listening, breaks open connections off, and lets time stand. Calling it twice is fine. */
  close(): Promise<void>
}

/**
 * Listens on 127.0.0.1 with the world of a plan at second zero. The happenings of the plan come at their seconds; leave them out to
 * begin things by `act`. Rejects with the error of Node where the port cannot be had (`EADDRINUSE`), and as
 * `simulate` throws where the plan contradicts itself.
 */
export const createEndpoint = async (plan: Plan, options: EndpointOptions = {}): Promise<Endpoint> => {
  refuseUnsound(plan)
  const { pace = 'stepped', port = 0 } = options
  const session = createSession(plan, options)
  const flow = createFlow(session, pace)
  const respond = (request: WireRequest): WireReply | null => {
    flow.catchUp()
    return isControl(request.url) ? serveControl(session, flow, request) : serveAws(session, request)
  }
  const waits = pace !== 'stepped'
  const server = createServer((incoming, outgoing) => {
    // Async, so that a fault of ours rejects instead of ending the process.
    receive(incoming, outgoing, async (request) =>
      waits ? patiently(respond, request, pace, () => incoming.socket.destroyed) : respond(request),
    )
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await listen(server, port)
  session.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  flow.start()
  const [inbox, deadLetters] = session.queues
  const trace = (): Trace => session.world.trace.finish(session.world.cast)

  return {
    url: session.address,
    region: plan.cluster.region,
    inboxUrl: urlOf(session, inbox),
    deadLettersUrl: urlOf(session, deadLetters),
    seconds: () => {
      flow.catchUp()
      return session.world.now / 1000
    },
    advance: (seconds) => {
      if (!(seconds >= 0)) throw new RangeError(`seconds: expected 0 or more, got ${seconds}`)
      flow.skip(Math.round(seconds * 1000))
    },
    advanceToNext: () => {
      const next = session.nextAt()
      if (next !== null) flow.skip(next - session.world.now)
      return next !== null
    },
    act: (happening) => {
      flow.catchUp()
      const acted = act(session, happening)
      if (acted._tag === 'Left') throw new Error(acted.left.join('\n'))
    },
    state: () => {
      flow.catchUp()
      return stateView(session)
    },
    trace,
    verdict: session.verdict,
    isSettled: session.isSettled,
    close: () => {
      flow.stop()
      return new Promise((done) => {
        server.close(() => done())
        for (const socket of sockets) socket.destroy()
      })
    },
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((listening, failed) => {
    server.once('error', failed)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed)
      listening()
    })
  })

/** A message of SQS has up to 1 MiB, and a client may write each byte of it as six in JSON. */
const bytesMost = 8_000_000

const receive = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  respond: (request: WireRequest) => Promise<WireReply | null>,
): void => {
  const chunks: Array<Buffer> = []
  let length = 0
  incoming.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= bytesMost) chunks.push(chunk)
  })
  incoming.on('error', () => outgoing.destroy())
  incoming.on('end', () => {
    if (length > bytesMost) return send(outgoing, tooLarge)
    const request = requestOf(incoming, Buffer.concat(chunks).toString('utf8'))
    respond(request).then(
      (reply) => send(outgoing, reply),
      (error: unknown) => send(outgoing, broken(error)),
    )
  })
}

const requestOf = ({ method = 'GET', url = '/', headers }: IncomingMessage, body: string): WireRequest => ({
  method,
  url,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  ),
  body,
})

/** Nobody answers: the connection breaks off, which a client takes for a timeout of its own. */
const send = (outgoing: ServerResponse, reply: WireReply | null): void => {
  if (reply === null) {
    outgoing.destroy()
    return
  }
  outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) })
  outgoing.end(reply.body)
}

const tooLarge: WireReply = {
  status: 413,
  headers: { 'content-type': 'application/json' },
  body: jsonText({ __type: 'RequestEntityTooLargeException', message: `A request has at most ${bytesMost} bytes.` }),
}

/** A fault of ours; it is told, and the endpoint goes on. */
const broken = (error: unknown): WireReply => ({
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: jsonText({ __type: 'InternalFailure', message: error instanceof Error ? error.message : String(error) }),
})

const pollMs = 50

/** Where time runs by itself, ReceiveMessage waits for its WaitTimeSeconds (of the world) as long as there is nothing. */
const patiently = async (
  respond: (request: WireRequest) => WireReply | null,
  request: WireRequest,
  pace: number,
  hasHungUp: () => boolean,
): Promise<WireReply | null> => {
  let leftMs = waitMsOf(request) / pace
  for (;;) {
    // What is handed to nobody would be hidden from everybody for the visibility timeout.
    if (hasHungUp()) return null
    const reply = respond(request)
    if (leftMs <= 0 || reply === null || reply.status !== 200 || reply.body !== '{}') return reply
    const wait = Math.min(pollMs, leftMs)
    await new Promise((done) => setTimeout(done, wait))
    leftMs -= wait
  }
}

const waitMsOf = ({ headers, body }: WireRequest): number => {
  if (headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return 0
  const seconds = /"WaitTimeSeconds"\s*:\s*(\d{1,2})\b/.exec(body)?.[1]
  return seconds === undefined ? 0 : Number(seconds) * 1000
}
