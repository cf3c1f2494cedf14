/**
 * What can be waiting in the calendar. The order matters: a run goes on as long as anything from `firstThatCounts` on is
 * waiting; what stands before it may wait for ever without anything being left to happen.
 */

// Waiting that changes nothing by itself.
export const SWEEP = 0
export const HOOK_TIMEOUT = 1
export const OTHER_ANSWERS = 2
export const WAKE_UP = 3
export const SERVICE_RETRY = 4
export const STANDALONE_ENDS = 5

export const firstThatCounts = 6

export const HAPPENING = 6
export const HAPPENING_TIMER = 7
export const GROUP_RECONCILE = 8
export const INSTANCE_LEAVES = 9
export const INSTANCE_BOOTED = 10
export const INSTANCE_GONE = 11
export const AGENT_REGISTERS = 12
export const AGENT_GONE = 13
export const AGENT_BACK = 14
export const DEAD_HOST_NOTICED = 15
export const STOP_PENDING = 16
export const SERVICE_PASS = 17
export const TASK_APPEARS = 18
export const TASK_STEP = 19
export const TASK_COUNTS = 20
export const STANDALONE_STARTS = 21
/** From here on it is the controller's business; all before it is the world's. */
export const firstOfController = 22

export const MESSAGE_ARRIVES = 22
export const QUEUE_WINDOW = 23
export const FUNCTION_STARTS = 24
export const CALL_ARRIVES = 25
export const CALL_RETURNS = 26
