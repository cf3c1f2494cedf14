/** An operation of an AWS service: what it takes, what it does to the world, what it answers. */
import type { Session } from './session.ts'
import type { Output } from './wire/output.ts'
import { type Members, type Shape, type StructureOf, structure } from './wire/shape.ts'

/** One request, as it has been let in. */
export interface Arrival {
  readonly session: Session
  /** How old the answer of a List or Describe is, in milliseconds. */
  readonly staleMs: number
}

export interface Operation {
  /** AWS's name. */
  readonly name: string
  /** One line for the reference: what of AWS's behaviour there is. */
  readonly says: string
  readonly input: Shape<unknown>
  /** Codes of the operation's own errors; those that every operation of the service has are not repeated. */
  readonly errors: ReadonlyArray<string>
  /** It changes something. */
  readonly isWrite: boolean
  /** False: the plan's buckets and faults leave it alone. */
  readonly isGated: boolean
  /** Whose luck the request has: an instance's number plus one, or 0. */
  readonly subject: (session: Session, input: unknown) => number
  /** Throws AwsError where AWS refuses. Applied at the present moment, as a whole. */
  readonly answer: (arrival: Arrival, input: unknown) => Output
}

interface Definition<Given extends Members, Needed extends keyof Given & string> {
  readonly name: string
  readonly says: string
  readonly input: Given
  readonly needed?: ReadonlyArray<Needed>
  readonly errors?: ReadonlyArray<string>
  readonly isWrite?: boolean
  readonly isGated?: boolean
  readonly subject?: (session: Session, input: StructureOf<Given, Needed>) => number
  readonly answer: (arrival: Arrival, input: StructureOf<Given, Needed>) => Output
}

export const operation = <Given extends Members, Needed extends keyof Given & string = never>({
  name,
  says,
  input,
  needed = [],
  errors = [],
  isWrite = false,
  isGated = true,
  subject = () => 0,
  answer,
}: Definition<Given, Needed>): Operation => ({
  name,
  says,
  input: structure(input, needed),
  errors,
  isWrite,
  isGated,
  // `readShape` with this very input is the only source of these values.
  subject: (session, given) => subject(session, given as StructureOf<Given, Needed>),
  answer: (arrival, given) => answer(arrival, given as StructureOf<Given, Needed>),
})
