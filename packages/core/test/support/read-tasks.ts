import type { Effect } from '../../src/effect/effect.ts'
import type { ReadScope } from '../../src/observation/observation.ts'
import { theCluster, theContainerInstance } from '../../src/testing/index.ts'

type ReadTasks = Extract<Effect, { readonly type: 'ReadTasks' }>

/** The reading that an effect asks for, of the container instance; nothing is known of its tasks unless it is said. */
export const readTasks = (scope: ReadScope, what: Partial<Omit<ReadTasks, 'type' | 'scope'>> = {}): ReadTasks =>
  ({
    type: 'ReadTasks',
    scope,
    cluster: theCluster,
    containerInstance: theContainerInstance,
    remaining: [],
    stopped: [],
    ...what,
  }) as ReadTasks
