/** Our own messages: the wake-up we send ourselves, and a sweep that a schedule of the user's sends. */
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { decodeThen } from '../codec/decode-then.ts'
import { Count } from '../codec/integer-in-range.ts'
import { objectOf } from '../codec/object-of.ts'
import { StreamId } from '../identity/ids.ts'
import type { Decoded } from './decoded.ts'

const WakeUp = objectOf({ 'ecs-drain': t.keyof({ 'wake-up': null }), stream: StreamId, hops: Count })

/** The body of a wake-up message. */
export const encodeWakeUp = (stream: StreamId, hops: number): string =>
  JSON.stringify({ 'ecs-drain': 'wake-up', stream, hops })

export const decodeWakeUp = (payload: unknown): Decoded =>
  decodeThen(WakeUp, payload, ({ stream, hops }) => E.right({ type: 'WokenUp', stream, hops }))
