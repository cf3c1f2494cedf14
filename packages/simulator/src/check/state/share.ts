/**
 * One instance's share of a state: the instance, its tasks, the messages about it, its stream, and the functions at
 * work on that. It is packed into eight integers, so that equal shares are equal words.
 */
import { foreignTermination, none, taskStopped, termination, wakeUp } from './message-code.ts'
import { nowhere } from './task-position.ts'

export const wordsPerShare = 8
export const taskSlotsMost = 4
export const handlersMost = 2
const wakeUpsMost = 4
/** A wake-up has six bits. */
const wakeUpMost = 63

// Of the instance.
export const inService = 0
export const waiting = 1
export const proceeding = 2
export const gone = 3

// Of a lifecycle action.
export const notBegun = 0
export const open = 1
export const answered = 2
export const endedOtherwise = 3

// Of the container instance.
export const active = 0
export const draining = 1
export const inactive = 2

// Of the container instance, in the lists of the cluster.
export const listed = 0
/** Until the clock moves, a list may not have it. */
export const unlisted = 1
export const wasUnlisted = 2

/** A function at work: `invocation` is core's, interned, plus one; 0: there is none. */
export interface Handler {
  invocation: number
  /** The invocation is an assignment whose stream is still to be loaded. */
  loading: boolean
  /** Ticks since it began. */
  age: number
  /** Somebody else has written to the stream since it was read. */
  outdated: boolean
  /** The messages it was given, which come back if it dies. */
  held: [number, number]
}

const emptyHandler = (): Handler => ({ invocation: 0, loading: false, age: 0, outdated: false, held: [none, none] })

export class Share {
  life = inService
  ourAction = notBegun
  foreignAction = notBegun
  status = active
  /** Somebody else has set the container instance ACTIVE. */
  wasSetActive = false
  /** Lists have it; once, for up to a tick, they may not. */
  listing = listed
  /** The event store knows whose container instance this is. */
  indexed = false
  /** The sweep looks at the stream. */
  watched = false
  /** Ticks since the lifecycle action began, as far as a message about it is under way. */
  startAge = 0
  /** The same where a deadline counts from there, up to what it forces: whatever core takes for the beginning. */
  deadlineAge = 0
  readonly tasks = new Array<number>(taskSlotsMost).fill(nowhere)
  /** Where each task was when the clock last moved: what a stale read may still show. */
  readonly shown = new Array<number>(taskSlotsMost).fill(nowhere)
  terminations = 0
  foreignTerminations = 0
  drainingEvents = 0
  readonly stoppedEvents = new Array<number>(taskSlotsMost).fill(0)
  /** Each the ticks until it arrives, and its chain's length: `delay * 8 + hops + 1`; 0 for none. Sorted. */
  readonly wakeUps = new Array<number>(wakeUpsMost).fill(0)
  stream = 0
  readonly handlers: ReadonlyArray<Handler> = [emptyHandler(), emptyHandler()]
  /** A sweep that is finding out about this instance: core's routing, interned, plus one. */
  sweep = 0
  sweepAge = 0

  copyFrom(other: Share): this {
    this.life = other.life
    this.ourAction = other.ourAction
    this.foreignAction = other.foreignAction
    this.status = other.status
    this.wasSetActive = other.wasSetActive
    this.listing = other.listing
    this.indexed = other.indexed
    this.watched = other.watched
    this.startAge = other.startAge
    this.deadlineAge = other.deadlineAge
    this.terminations = other.terminations
    this.foreignTerminations = other.foreignTerminations
    this.drainingEvents = other.drainingEvents
    for (let task = 0; task < taskSlotsMost; task += 1) {
      this.tasks[task] = other.tasks[task] as number
      this.shown[task] = other.shown[task] as number
      this.stoppedEvents[task] = other.stoppedEvents[task] as number
    }
    for (let each = 0; each < wakeUpsMost; each += 1) this.wakeUps[each] = other.wakeUps[each] as number
    this.stream = other.stream
    for (let each = 0; each < handlersMost; each += 1) {
      const mine = this.handlers[each] as Handler
      const theirs = other.handlers[each] as Handler
      mine.invocation = theirs.invocation
      mine.loading = theirs.loading
      mine.age = theirs.age
      mine.outdated = theirs.outdated
      mine.held[0] = theirs.held[0]
      mine.held[1] = theirs.held[1]
    }
    this.sweep = other.sweep
    this.sweepAge = other.sweepAge
    return this
  }
}

/** A function's place, empty again. */
export const vacate = (handler: Handler): void => {
  handler.invocation = 0
  handler.loading = false
  handler.age = 0
  handler.outdated = false
  handler.held[0] = none
  handler.held[1] = none
}

const bits = (condition: boolean): number => (condition ? 1 : 0)

/** Two values that mean the same become the same: what no message can tell any more is forgotten, and places are sorted. */
const tidy = (share: Share): void => {
  const [one, other] = share.handlers as [Handler, Handler]
  const isAnnounced = share.terminations > 0 || holds(one, termination) || holds(other, termination)
  if (!isAnnounced) share.startAge = 0
  sortDown(share.wakeUps)
  if (orderOf(one) < orderOf(other)) exchange(one, other)
}

/** In place; there are four, and this is done for every step. */
const sortDown = (numbers: Array<number>): void => {
  for (let from = 1; from < numbers.length; from += 1) {
    const number = numbers[from] as number
    let to = from
    while (to > 0 && (numbers[to - 1] as number) < number) {
      numbers[to] = numbers[to - 1] as number
      to -= 1
    }
    numbers[to] = number
  }
}

const holds = ({ held }: Handler, code: number): boolean => held[0] === code || held[1] === code

const orderOf = (handler: Handler): number => handler.invocation * 8192 + wordOf(handler)

const exchange = (one: Handler, other: Handler): void => {
  const { invocation, loading, age, outdated } = one
  const [first, second] = one.held
  one.invocation = other.invocation
  one.loading = other.loading
  one.age = other.age
  one.outdated = other.outdated
  one.held[0] = other.held[0]
  one.held[1] = other.held[1]
  other.invocation = invocation
  other.loading = loading
  other.age = age
  other.outdated = outdated
  other.held[0] = first
  other.held[1] = second
}

const wordOf = ({ loading, age, outdated, held }: Handler): number =>
  bits(loading) | (bits(outdated) << 1) | (age << 2) | (held[0] << 4) | (held[1] << 8)

/** Writes a share's eight words. It is tidied first. */
export const pack = (share: Share, words: Int32Array, at: number): void => {
  tidy(share)
  const { tasks, shown, stoppedEvents, wakeUps, handlers } = share
  words[at] =
    share.life |
    (share.ourAction << 2) |
    (share.foreignAction << 4) |
    (share.status << 6) |
    (bits(share.indexed) << 8) |
    (bits(share.watched) << 9) |
    (share.startAge << 10) |
    (share.terminations << 13) |
    (share.foreignTerminations << 15) |
    (share.drainingEvents << 17) |
    (share.sweepAge << 19) |
    (bits(share.wasSetActive) << 21) |
    (share.deadlineAge << 22) |
    (share.listing << 25)
  let places = 0
  let events = 0
  let calls = 0
  for (let task = 0; task < taskSlotsMost; task += 1) {
    places |= ((shown[task] as number) | ((tasks[task] as number) << 4)) << (task * 8)
    events |= (stoppedEvents[task] as number) << (task * 2)
    calls |= (wakeUps[task] as number) << (task * 6)
  }
  words[at + 1] = places
  words[at + 2] = calls | (events << 24)
  words[at + 3] = share.stream
  words[at + 4] = (handlers[0] as Handler).invocation
  words[at + 5] = (handlers[1] as Handler).invocation
  words[at + 6] = wordOf(handlers[0] as Handler) | (wordOf(handlers[1] as Handler) << 12)
  words[at + 7] = share.sweep
}

const unpackHandler = (handler: Handler, invocation: number, word: number): void => {
  handler.invocation = invocation
  handler.loading = (word & 1) === 1
  handler.outdated = (word & 2) === 2
  handler.age = (word >> 2) & 3
  handler.held[0] = (word >> 4) & 15
  handler.held[1] = (word >> 8) & 15
}

/** Reads what `pack` wrote. */
export const unpack = (share: Share, words: Int32Array, at: number): Share => {
  const first = words[at] as number
  share.life = first & 3
  share.ourAction = (first >> 2) & 3
  share.foreignAction = (first >> 4) & 3
  share.status = (first >> 6) & 3
  share.indexed = ((first >> 8) & 1) === 1
  share.watched = ((first >> 9) & 1) === 1
  share.startAge = (first >> 10) & 7
  share.terminations = (first >> 13) & 3
  share.foreignTerminations = (first >> 15) & 3
  share.drainingEvents = (first >> 17) & 3
  share.sweepAge = (first >> 19) & 3
  share.wasSetActive = ((first >> 21) & 1) === 1
  share.deadlineAge = (first >> 22) & 7
  share.listing = (first >> 25) & 3
  const places = words[at + 1] as number
  const calls = words[at + 2] as number
  for (let task = 0; task < taskSlotsMost; task += 1) {
    share.shown[task] = (places >>> (task * 8)) & 15
    share.tasks[task] = (places >>> (task * 8 + 4)) & 15
    share.stoppedEvents[task] = (calls >>> (24 + task * 2)) & 3
    share.wakeUps[task] = (calls >>> (task * 6)) & 63
  }
  share.stream = words[at + 3] as number
  const handlers = words[at + 6] as number
  unpackHandler(share.handlers[0] as Handler, words[at + 4] as number, handlers & 4095)
  unpackHandler(share.handlers[1] as Handler, words[at + 5] as number, (handlers >> 12) & 4095)
  share.sweep = words[at + 7] as number
  return share
}

/** Adds a wake-up that is under way; false: there are already as many as are told apart. */
export const addWakeUp = (share: Share, delay: number, hops: number): boolean => {
  const added = delay * 8 + hops + 1
  if (added > wakeUpMost)
    throw new RangeError(`wake-up ${hops} in a row, in ${delay} ticks: more than a state has room for`)
  const free = share.wakeUps.indexOf(0)
  if (free === -1) return false
  share.wakeUps[free] = added
  return true
}

/** Gives a message back to the bus; false: it is one wake-up too many. */
export const giveBack = (share: Share, code: number): boolean => {
  if (code === none) return true
  if (code >= wakeUp) return addWakeUp(share, 0, code - wakeUp)
  if (code >= taskStopped) {
    const task = code - taskStopped
    share.stoppedEvents[task] = (share.stoppedEvents[task] as number) + 1
  } else if (code === termination) share.terminations += 1
  else if (code === foreignTermination) share.foreignTerminations += 1
  else share.drainingEvents += 1
  return true
}

/** How many copies of our termination's notice, or of a task's STOPPED event, are still to be delivered. */
export const copiesUnderWay = ({ terminations, stoppedEvents }: Share, code: number): number =>
  code === termination ? terminations : (stoppedEvents[code - taskStopped] ?? 0)
