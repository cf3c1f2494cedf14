/**
 * What AWS's error codes mean, as data: the one table that failures are read from. A code that is not in it is judged by
 * its HTTP status.
 */
import type { Failure } from '@ecs-drain/core'

/** A code and what it means. */
export interface ErrorMeaning {
  /** The code on the wire, without the prefix that SQS had before JSON (`AWS.SimpleQueueService.`). */
  readonly code: string
  readonly meaning: Failure['type']
  /** Why it means that, or which service says it; for people. */
  readonly says: string
  /** The meaning holds only where AWS's message matches. */
  readonly message?: RegExp
}

const throttled = (code: string, says: string): ErrorMeaning => ({ code, meaning: 'Throttled', says })
const unavailable = (code: string, says: string): ErrorMeaning => ({ code, meaning: 'Unavailable', says })
const timedOut = (code: string, says: string): ErrorMeaning => ({ code, meaning: 'TimedOut', says })
const notFound = (code: string, says: string, message?: RegExp): ErrorMeaning =>
  message === undefined ? { code, meaning: 'NotFound', says } : { code, meaning: 'NotFound', says, message }
const accessDenied = (code: string, says: string): ErrorMeaning => ({ code, meaning: 'AccessDenied', says })
const rejected = (code: string, says: string): ErrorMeaning => ({ code, meaning: 'Rejected', says })

/** What a policy that allows the action would mend. */
export const lacksPermission = 'the role lacks a permission'

/** The SDK's own, before anything is sent. */
export const noCredentials = 'CredentialsProviderError'

/** The first row that fits is the meaning. */
export const errorMeanings: ReadonlyArray<ErrorMeaning> = [
  throttled('ThrottlingException', 'ECS: `Rate exceeded`; DynamoDB'),
  throttled('Throttling', 'Auto Scaling, on the wire'),
  throttled(
    'RateExceeded',
    'Auto Scaling, as documented; the SDK does not count it as throttling, the adapter makes it',
  ),
  throttled('LimitExceeded', 'Auto Scaling; the same'),
  throttled('LimitExceededException', 'DynamoDB'),
  throttled('RequestLimitExceeded', 'DynamoDB: the quota of the account'),
  throttled('ProvisionedThroughputExceededException', 'DynamoDB: the capacity of the table or of a partition'),
  throttled('TooManyRequestsException', 'any'),
  throttled('ThrottledException', 'any'),
  throttled('RequestThrottled', 'SQS'),
  throttled('RequestThrottledException', 'any'),
  throttled('BandwidthLimitExceeded', 'any'),
  throttled('EC2ThrottledException', 'any'),
  throttled('PriorRequestNotComplete', 'any'),
  throttled('SlowDown', 'any'),
  throttled('KmsThrottled', 'SQS: the key of an encrypted queue'),

  notFound('ClusterNotFoundException', 'ECS'),
  notFound('ResourceNotFoundException', 'DynamoDB: the table'),
  notFound('QueueDoesNotExist', 'SQS'),
  notFound('NonExistentQueue', 'SQS, before JSON'),
  notFound('InvalidParameterException', 'ECS: a task or a container instance that it does not know', /not found/i),
  notFound('ValidationError', 'Auto Scaling: a group that it does not know', /^(AutoScalingGroup|Group) .*not found/i),

  accessDenied('AccessDeniedException', lacksPermission),
  accessDenied('AccessDenied', lacksPermission),
  accessDenied('UnauthorizedOperation', lacksPermission),
  accessDenied('NotAuthorized', lacksPermission),
  accessDenied('KmsAccessDenied', 'the role may not use the key of an encrypted queue'),
  accessDenied('AuthFailure', 'the credentials are not valid'),
  accessDenied('OptInRequired', 'the account may not use the service or the Region'),
  accessDenied('UnrecognizedClientException', 'the credentials are not valid'),
  accessDenied('InvalidClientTokenId', 'the credentials are not valid'),
  accessDenied('InvalidSignatureException', 'the credentials are not valid, or the clock is wrong'),
  accessDenied('SignatureDoesNotMatch', 'the credentials are not valid, or the clock is wrong'),
  accessDenied('IncompleteSignature', 'the request was not signed as it must be'),
  accessDenied('MissingAuthenticationToken', 'the request was not signed'),
  accessDenied('MissingAuthenticationTokenException', 'the request was not signed'),
  accessDenied('ExpiredToken', 'the credentials have expired'),
  accessDenied('ExpiredTokenException', 'the credentials have expired'),
  accessDenied('RequestExpired', 'the clock is wrong'),

  timedOut('TimeoutError', 'no connection or no answer within its time, or a connection that broke off'),
  timedOut('RequestTimeout', 'the service gave up waiting'),
  timedOut('RequestTimeoutException', 'the service gave up waiting'),
  timedOut('AbortError', 'the call was given up'),
  timedOut('ECONNRESET', 'the connection broke off'),
  timedOut('EPIPE', 'the connection broke off'),
  timedOut('ETIMEDOUT', 'the connection broke off'),

  unavailable('ResourceContention', 'Auto Scaling, HTTP 500: an update of the group is under way'),
  unavailable('ResourceContentionFault', 'the same, as the SDK names it'),
  unavailable('ScalingActivityInProgress', 'Auto Scaling'),
  unavailable('ServerException', 'ECS'),
  unavailable('InternalFailure', 'any'),
  unavailable('InternalError', 'any'),
  unavailable('InternalServerError', 'DynamoDB'),
  unavailable('ServiceUnavailable', 'any'),
  unavailable('ServiceUnavailableException', 'any'),
  unavailable('ReplicatedWriteConflictException', 'DynamoDB: another Region of a global table writes the item'),
  unavailable('TransactionConflictException', 'DynamoDB: a transaction of somebody else holds the item'),
  unavailable(noCredentials, 'there are no credentials: nothing was sent, and nobody denied anything'),
  unavailable('ECONNREFUSED', 'nobody listens'),
  unavailable('ENOTFOUND', 'the name of the endpoint is not known'),
  unavailable('EAI_AGAIN', 'the name of the endpoint cannot be looked up now'),
  unavailable('EHOSTUNREACH', 'no way to the endpoint'),
  unavailable('ENETUNREACH', 'no way to the endpoint'),

  rejected(
    'ValidationError',
    'Auto Scaling; "No active Lifecycle Action found" comes so, and the core reads it as an outcome',
  ),
  rejected('ValidationException', 'DynamoDB'),
  rejected('InvalidParameterException', 'ECS'),
  rejected('ClientException', 'ECS'),
  rejected('InvalidNextToken', 'Auto Scaling'),
  rejected('SerializationException', 'any'),
  rejected('UnknownOperationException', 'any'),
  rejected('InvalidAction', 'Auto Scaling'),
]

/** DynamoDB's word for a write whose condition does not hold: an answer, and no failure. */
export const isConditionNotHeld = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === 'ConditionalCheckFailedException'

/** What an error that the SDK threw means. */
export const meaningOf = (thrown: unknown): Failure['type'] =>
  rowOf(thrown)?.meaning ?? meaningOfStatus(statusOf(thrown))

/** What the table says of it; null: it is not there. */
export const saidOf = (thrown: unknown): string | null => rowOf(thrown)?.says ?? null

const rowOf = (thrown: unknown): ErrorMeaning | undefined => {
  const message = messageOf(thrown)
  const codes = codesOf(thrown)
  return errorMeanings.find((row) => codes.includes(row.code) && (row.message?.test(message) ?? true))
}

/** The code as AWS sent it, or whatever names the error. */
export const codeOf = (thrown: unknown): string => codesOf(thrown)[0] ?? 'UnknownError'

/** AWS's own words. */
export const messageOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown)
  return thrown.message === '' ? thrown.name : thrown.message
}

const meaningOfStatus = (status: number | null): Failure['type'] => {
  // Nothing that AWS said: a broken answer, or a defect on the way.
  if (status === null || status >= 500 || status < 400) return 'Unavailable'
  if (status === 429) return 'Throttled'
  return status === 401 || status === 403 ? 'AccessDenied' : 'Rejected'
}

interface SdkError {
  readonly name?: unknown
  readonly code?: unknown
  readonly Code?: unknown
  readonly cause?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown }
}

const statusOf = (thrown: unknown): number | null => {
  const status = (thrown as SdkError | null)?.$metadata?.httpStatusCode
  return typeof status === 'number' ? status : null
}

/** Names that say nothing of what went wrong. */
const empty: ReadonlyArray<string> = ['Error', 'TypeError', 'AggregateError', 'UnknownError', 'Unknown']

/** A service's code may be in the name or in `Code`, a socket's in `code`, or in the cause. */
const codesOf = (thrown: unknown, depth = 0): ReadonlyArray<string> => {
  if (typeof thrown !== 'object' || thrown === null || depth > 3) return []
  const { name, code, Code, cause } = thrown as SdkError
  const own = [Code, name, code].filter((each): each is string => typeof each === 'string' && !empty.includes(each))
  return [...own.map(withoutPrefix), ...codesOf(cause, depth + 1)]
}

const withoutPrefix = (code: string): string => code.replace(/^AWS\.SimpleQueueService\./, '')
