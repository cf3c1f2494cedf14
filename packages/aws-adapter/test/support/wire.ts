// Answers as AWS's services write them, and a server on loopback that gives them. The real SDK is on the other side.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { closed, listening } from './listening.ts'

/** The services whose protocols differ. */
export type Protocol = 'json-1.0' | 'json-1.1' | 'query'

/** An answer on the wire. */
export interface WireAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What the server does with a request besides answering it: `hang` never answers, `reset` breaks the connection off,
 * `stall` begins the body; `drip` gives the head and `drip-body` the body byte by byte, without an end.
 */
export type Behaviour = WireAnswer | 'hang' | 'reset' | 'stall' | 'drip' | 'drip-body'

/** A request as it came. */
export interface WireRequest {
  readonly path: string
  readonly target: string | null
  readonly contentType: string
  /** The signature, which names the Region and the service that the request is for. */
  readonly authorization: string
  readonly body: string
  /** The parameters of a Query request, or the members of a JSON one. */
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface WireServer {
  readonly endpoint: string
  readonly requests: Array<WireRequest>
  /** The next answers, in order; the last one is given again and again. */
  answers: ReadonlyArray<Behaviour>
  /** The answer to a request, where it depends on the request; null: the next of `answers`. */
  respond: ((request: WireRequest) => Behaviour) | null
  close(): Promise<void>
}

const contentTypes: Readonly<Record<Protocol, string>> = {
  'json-1.0': 'application/x-amz-json-1.0',
  'json-1.1': 'application/x-amz-json-1.1',
  query: 'text/xml',
}

/** A good answer: text for the JSON protocols, XML for Query. */
export const answered = (protocol: Protocol, body: string): WireAnswer => ({
  status: 200,
  contentType: contentTypes[protocol],
  body,
})

/** SQS's answer to SendMessage. The SDK compares the digest with that of what it sent. */
export const messageSent = ({ parameters }: WireRequest): WireAnswer => {
  const digest = createHash('md5').update(String(parameters['MessageBody'])).digest('hex')
  const body = { MD5OfMessageBody: digest, MessageId: '5fea7756-0ea4-451a-a703-a558b933e274' }
  return answered('json-1.0', JSON.stringify(body))
}

/** An error as a service of that protocol says it. */
export const refused = (protocol: Protocol, code: string, message: string, status = 400): WireAnswer => {
  const contentType = contentTypes[protocol]
  switch (protocol) {
    case 'json-1.0':
      // SQS: the name of the shape in the body, the code that clients knew before JSON in a header.
      return {
        status,
        contentType,
        body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
        headers: { 'x-amzn-query-error': `AWS.SimpleQueueService.${code};Sender` },
      }
    case 'json-1.1':
      return { status, contentType, body: JSON.stringify({ __type: code, message }) }
    case 'query':
      return {
        status,
        contentType,
        body: `<ErrorResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">
  <Error>
    <Type>Sender</Type>
    <Code>${code}</Code>
    <Message>${message}</Message>
  </Error>
  <RequestId>0d03a6c7-0d2a-4e6b-8a4c-2f5b2f1a7c11</RequestId>
</ErrorResponse>`,
      }
  }
}

/** Listens on loopback until it is closed. */
export const wireServer = async (): Promise<WireServer> => {
  const server: Server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const asked = requestOf(request, Buffer.concat(chunks).toString('utf8'))
      wire.requests.push(asked)
      const next = wire.respond === null ? nextAnswer() : wire.respond(asked)
      if (next === undefined || next === 'hang') return
      if (next === 'reset') {
        request.socket.destroy()
        return
      }
      if (next === 'drip') {
        const { socket } = request
        socket.write('HTTP/1.1 200 OK\r\nx-drip: ')
        const drip = setInterval(() => socket.write('.'), 20)
        socket.on('error', () => undefined)
        socket.on('close', () => clearInterval(drip))
        return
      }
      if (next === 'stall' || next === 'drip-body') {
        response.writeHead(200, { 'content-type': contentTypes['json-1.1'], 'content-length': '1000' })
        response.write('{')
        const drip = next === 'stall' ? undefined : setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(drip))
        return
      }
      response.writeHead(next.status, { 'content-type': next.contentType, ...next.headers })
      response.end(next.body)
    })
  })
  const nextAnswer = (): Behaviour | undefined => {
    const [next, ...others] = wire.answers
    if (others.length > 0) wire.answers = others
    return next
  }
  const wire: WireServer = {
    endpoint: await listening(server),
    requests: [],
    answers: [],
    respond: null,
    close: () => closed(server),
  }
  return wire
}

const requestOf = (request: IncomingMessage, body: string): WireRequest => {
  const contentType = request.headers['content-type'] ?? ''
  const isJson = contentType.includes('json')
  return {
    path: request.url ?? '',
    target: request.headers['x-amz-target']?.toString() ?? null,
    contentType,
    authorization: request.headers.authorization ?? '',
    body,
    parameters: isJson ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body)),
  }
}
