/** The lifecycle state in which a terminating hook holds an instance that goes to its warm pool. */
export const waitsForWarmPool = 'Warmed:Pending:Wait'

/** The last is that of an instance that is terminated in its warm pool. */
const waiting: ReadonlyArray<string> = ['Terminating:Wait', waitsForWarmPool, 'Warmed:Terminating:Wait']

/** Whether a terminating hook may be holding an instance in this lifecycle state. */
export const isWaiting = (state: string): boolean => waiting.includes(state)
