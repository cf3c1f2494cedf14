/** Our own messages: the wake-up we send ourselves, and a sweep that a schedule of the user's sends. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { Count } from '../codec/integer-in-range.ts'
import { objectOf } from '../codec/object-of.ts'
import { report } from '../codec/report.ts'
import { StreamId } from '../identity/ids.ts'
import type { Decoded } from './decoded.ts'

const WakeUp = objectOf({ 'ecs-drain': t.literal('wake-up'), stream: StreamId, hops: Count })

/** The body of a wake-up message. */
export const encodeWakeUp = (stream: StreamId, hops: number): string =>
  JSON.stringify({ 'ecs-drain': 'wake-up', stream, hops })

export const decodeWakeUp = (payload: unknown): Decoded =>
  pipe(
    WakeUp.decode(payload),
    E.bimap(report, ({ stream, hops }) => ({ type: 'WokenUp', stream, hops })),
  )
