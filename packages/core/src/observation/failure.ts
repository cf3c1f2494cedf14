import * as t from 'io-ts'
import { byType } from '../codec/by-type.ts'

/**
 * Why a call did not give its answer. Every failure of a port is one of these, and a failure is a fact to record,
 * never a reason to let a host go.
 */
export type Failure =
  /** The service asks for fewer calls. Nothing was done. */
  | { readonly type: 'Throttled'; readonly message: string }
  /** The service or the way to it is broken. Something may have been done. */
  | { readonly type: 'Unavailable'; readonly message: string }
  /** No answer in time. Something may have been done. */
  | { readonly type: 'TimedOut'; readonly message: string }
  /** What was asked for does not exist: a cluster, a container instance, a group. */
  | { readonly type: 'NotFound'; readonly message: string }
  /** The role lacks a permission; `message` says which action on which resource to allow. */
  | { readonly type: 'AccessDenied'; readonly message: string }
  /** The service refuses the request as it is: its own error code and words. */
  | { readonly type: 'Rejected'; readonly code: string; readonly message: string }

/** Decodes a failure; fails on anything else. */
export const Failure: t.Type<Failure, unknown, unknown> = byType<Failure>(
  'failure',
  { message: t.string },
  { Throttled: {}, Unavailable: {}, TimedOut: {}, NotFound: {}, AccessDenied: {}, Rejected: { code: t.string } },
)
