/**
 * From the wire to an operation and back. What a request is for is told by its target header or by its action and version; a
 * signature is accepted unread. What is not known is refused in the words of the protocol it came in.
 */
import { carryOut, type Outcome } from './carry-out.ts'
import type { Operation } from './operation.ts'
import { autoScaling, ecs, type Protocol, type Service, services } from './service.ts'
import type { Session } from './session.ts'
import { AwsError } from './wire/aws-error.ts'
import { jsonText, type Output, xmlText } from './wire/output.ts'
import { queryInput } from './wire/query-input.ts'
import type { WireReply, WireRequest } from './wire/request.ts'

type JsonService = Service & { readonly protocol: Extract<Protocol, { type: 'json' }> }
type FormService = Service & { readonly protocol: Exclude<Protocol, { type: 'json' }> }

/** Null: nobody answers, and the connection is closed. */
export const serveAws = (session: Session, request: WireRequest): WireReply | null => {
  const requestId = session.newId()
  const target = request.headers['x-amz-target']
  if (target !== undefined) return serveJson(session, target, request, requestId)
  const [path = '', query = ''] = request.url.split('?')
  const form = new URLSearchParams(query)
  if ((request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) {
    for (const [name, value] of new URLSearchParams(request.body)) form.set(name, value)
  }
  if (form.has('Action') || form.has('Version')) return serveForm(session, form, requestId)
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/x-amz-json')
  const lost = new AwsError(isJson ? 'UnknownOperationException' : 'MissingAction', `Nothing is asked for at ${path}.`)
  return isJson
    ? jsonReply(ecs as JsonService, { type: 'refused', error: lost }, requestId)
    : formReply(autoScaling as FormService, '', { type: 'refused', error: lost }, requestId)
}

const serveJson = (session: Session, target: string, request: WireRequest, requestId: string): WireReply | null => {
  const [prefix, ...rest] = target.split('.')
  const service = services.find(
    (each): each is JsonService => each.protocol.type === 'json' && each.protocol.target === prefix,
  )
  // A service that is not here answers as any JSON service does to what it does not know.
  const speaker = service ?? (ecs as JsonService)
  const refused = (error: AwsError): WireReply | null => jsonReply(speaker, { type: 'refused', error }, requestId)
  const operation = service === undefined ? undefined : operationOf(service, rest.join('.'))
  if (operation === undefined) return refused(speaker.unknownOperation(target))
  if (request.method !== 'POST') return refused(speaker.unknownOperation(`${target} by ${request.method}`))
  let given: unknown
  try {
    given = JSON.parse(request.body === '' ? '{}' : request.body)
  } catch {
    return refused(new AwsError('SerializationException', 'The body is not JSON.'))
  }
  return jsonReply(speaker, carryOut(session, speaker, operation, given), requestId)
}

const operationOf = ({ operations }: Service, name: string): Operation | undefined =>
  operations.find((each) => each.name === name)

const jsonReply = ({ protocol }: JsonService, outcome: Outcome, requestId: string): WireReply | null => {
  const headers = {
    'content-type': `application/x-amz-json-${protocol.version}`,
    'x-amzn-requestid': requestId,
  }
  switch (outcome.type) {
    case 'silent':
      return null
    case 'answered':
      return { status: 200, headers, body: jsonText(outcome.output) }
    case 'refused': {
      const { code, message, status } = outcome.error
      const ofQuery =
        protocol.queryCodes === null
          ? {}
          : { 'x-amzn-query-error': `${protocol.queryCodes[code] ?? code};${status < 500 ? 'Sender' : 'Receiver'}` }
      return {
        status,
        headers: { ...headers, ...ofQuery },
        body: JSON.stringify({ __type: `${protocol.namespace}${code}`, message }),
      }
    }
  }
}

const serveForm = (session: Session, form: URLSearchParams, requestId: string): WireReply | null => {
  const [action, version] = [form.get('Action') ?? '', form.get('Version') ?? '']
  const service = services.find(
    (each): each is FormService => each.protocol.type !== 'json' && each.protocol.version === version,
  )
  const speaker = service ?? (autoScaling as FormService)
  const refused = (error: AwsError): WireReply | null =>
    formReply(speaker, action, { type: 'refused', error }, requestId)
  if (action === '') return refused(new AwsError('MissingAction', 'The request must contain the parameter Action.'))
  if (service === undefined) {
    return refused(
      new AwsError(
        'InvalidAction',
        `Could not find operation ${action} for version ${version || 'NO_VERSION_SPECIFIED'}`,
      ),
    )
  }
  const operation = operationOf(service, action)
  if (operation === undefined) return refused(service.unknownOperation(action))
  try {
    const style = service.protocol.type === 'query' ? 'member' : 'flat'
    const given = queryInput(form, operation.input, style, service.complaints)
    return formReply(service, action, carryOut(session, service, operation, given), requestId)
  } catch (error) {
    if (error instanceof AwsError) return refused(error)
    throw error
  }
}

const formReply = (
  { protocol }: FormService,
  action: string,
  outcome: Outcome,
  requestId: string,
): WireReply | null => {
  if (outcome.type === 'silent') return null
  const headers = { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId }
  const namespace = { xmlns: protocol.namespace }
  if (outcome.type === 'refused') {
    const { status } = outcome.error
    const body =
      protocol.type === 'ec2'
        ? ec2ErrorText(outcome.error, requestId)
        : xmlText('ErrorResponse', namespace, queryError(outcome.error, requestId), 'member')
    return { status, headers, body }
  }
  const body =
    protocol.type === 'ec2'
      ? xmlText(`${action}Response`, namespace, { requestId, ...outcome.output }, 'item')
      : xmlText(
          `${action}Response`,
          namespace,
          { [`${action}Result`]: outcome.output, ResponseMetadata: { RequestId: requestId } },
          'member',
        )
  return { status: 200, headers, body }
}

const queryError = ({ code, message, status }: AwsError, requestId: string): Output => ({
  Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
  RequestId: requestId,
})

/** EC2 has its own form of an error. */
const ec2ErrorText = ({ code, message }: AwsError, requestId: string): string =>
  xmlText('Response', {}, { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId }, 'item')
