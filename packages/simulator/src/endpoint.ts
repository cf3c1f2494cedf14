/**
 * For your own tests: a simulated cluster that real clients can be pointed at, over HTTP, in AWS's own protocols.
 */
export type { SessionOptions } from './endpoint/create-session.ts'
export type { Endpoint, EndpointOptions } from './endpoint/endpoint.ts'
export { createEndpoint } from './endpoint/endpoint.ts'
export type { Pace } from './endpoint/pace.ts'
export type { EndpointReference } from './endpoint/reference.ts'
export { endpointReference } from './endpoint/reference.ts'
export type { StateView } from './endpoint/state-view.ts'
