/** The parts of one world. */
import type { Api } from './api.ts'
import type { AutoScaling } from './auto-scaling.ts'
import type { Bus } from './bus.ts'
import type { ContainerInstances } from './container-instances.ts'
import type { Core } from './core.ts'
import type { Functions } from './functions.ts'
import type { Happenings } from './happenings.ts'
import type { LifecycleActions } from './lifecycle-actions.ts'
import type { ServiceScheduler } from './service-scheduler.ts'
import type { StandaloneTasks } from './standalone-tasks.ts'
import type { Tasks } from './tasks.ts'

/** What an occurrence can be about. */
export interface Parts {
  readonly core: Core
  readonly tasks: Tasks
  readonly scheduler: ServiceScheduler
  readonly standalone: StandaloneTasks
  readonly containerInstances: ContainerInstances
  readonly autoScaling: AutoScaling
  readonly actions: LifecycleActions
  readonly happenings: Happenings
  readonly bus: Bus
  readonly functions: Functions
  readonly api: Api
}
