/**
 * Loaded before anything else in a Lambda environment under test: `Date` follows the simulated world. The time comes with
 * each invocation and in a header of each answer, so that the function sees it pass as its calls take time.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { nowHeader } from './now-header.ts'

let now = 0

const RealDate = Date

class VirtualDate extends RealDate {
  constructor(...parts: ReadonlyArray<unknown>) {
    if (parts.length === 0) super(now)
    else super(...(parts as [number]))
  }
  static override now(): number {
    return now
  }
}

globalThis.Date = VirtualDate as DateConstructor

/** Moves this process's clock on; it never goes back. */
export const moveTo = (instant: number): void => {
  now = Math.max(now, instant)
}

subscribe('http.client.response.finish', (message) => {
  const { response } = message as { readonly request: ClientRequest; readonly response: IncomingMessage }
  const told = response.headers[nowHeader]
  if (typeof told === 'string') moveTo(Number(told))
})
