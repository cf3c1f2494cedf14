/** The trace's words as the numbers the world works with. */
import type { MessageKind } from '../plan/plan.ts'
import {
  type ContainerInstanceState,
  containerInstanceStates,
  failureKinds,
  type LifecycleState,
  lifecycleStates,
  messageKinds,
  placementFailures,
  type TaskStatus,
  taskStatuses,
} from '../trace/trace.ts'

const lifecycle = (state: LifecycleState): number => lifecycleStates.indexOf(state)
const containerInstance = (state: ContainerInstanceState): number => containerInstanceStates.indexOf(state)
const task = (status: TaskStatus): number => taskStatuses.indexOf(status)

export const NONE = -1

export const Lifecycle = {
  pending: lifecycle('Pending'),
  inService: lifecycle('InService'),
  terminating: lifecycle('Terminating'),
  terminatingWait: lifecycle('Terminating:Wait'),
  terminatingProceed: lifecycle('Terminating:Proceed'),
  retained: lifecycle('Terminating:Retained'),
  terminated: lifecycle('Terminated'),
  warmedPending: lifecycle('Warmed:Pending'),
  warmedPendingWait: lifecycle('Warmed:Pending:Wait'),
  warmedPendingProceed: lifecycle('Warmed:Pending:Proceed'),
  warmedStopped: lifecycle('Warmed:Stopped'),
} as const

export const ABSENT = containerInstance('ABSENT')
export const ACTIVE = containerInstance('ACTIVE')
export const DRAINING = containerInstance('DRAINING')
export const INACTIVE = containerInstance('INACTIVE')

/** A task that has been chosen a place but has not appeared there yet. */
export const IN_FLIGHT = NONE
export const PROVISIONING = task('PROVISIONING')
export const PENDING = task('PENDING')
export const ACTIVATING = task('ACTIVATING')
export const RUNNING = task('RUNNING')
export const DEACTIVATING = task('DEACTIVATING')
export const STOPPING = task('STOPPING')
export const DEPROVISIONING = task('DEPROVISIONING')
export const STOPPED = task('STOPPED')

const message = (kind: MessageKind): number => messageKinds.indexOf(kind)
export const TERMINATION = message('termination')
export const LAUNCH = message('launch')
export const TASK_STOPPED = message('task-stopped')
export const CONTAINER_INSTANCE = message('container-instance')
export const WAKE_UP_MESSAGE = message('wake-up')
export const SWEEP_MESSAGE = message('sweep')

const placementFailure = (reason: (typeof placementFailures)[number]): number => placementFailures.indexOf(reason)
export const NO_CPU = placementFailure('RESOURCE:CPU')
export const NO_MEMORY = placementFailure('RESOURCE:MEMORY')
export const NO_PORT = placementFailure('RESOURCE:PORTS')
export const NO_AGENT = placementFailure('AGENT')
export const NONE_ACTIVE = placementFailure('NONE-ACTIVE')

/** The trace's number for a failure; -1 for one that it does not tell apart. */
export const failureNumber = (type: string): number => (failureKinds as ReadonlyArray<string>).indexOf(type)
