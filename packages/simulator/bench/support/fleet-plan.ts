/** The plan of `hundred-instances` for any number of instances: ten tasks on each, a thousand to a service. */
import { completePlan } from '../../src/plan/defaults.ts'
import type { FaultPlan, Plan } from '../../src/plan/plan.ts'

export interface Fleet {
  readonly instances: number
  /** Instances terminated at once, each of which is a drain. */
  readonly batch: number
  readonly seed: number
  readonly perMille?: FaultPlan['perMille']
}

const tasksPerInstance = 10
const tasksPerService = 1000

export const fleetPlan = ({ instances, batch, seed, perMille = {} }: Fleet): Plan => {
  const tasks = instances * tasksPerInstance
  const services = Array.from({ length: Math.ceil(tasks / tasksPerService) }, (_, index) => ({
    name: `web-${index}`,
    desired: Math.min(tasksPerService, tasks - index * tasksPerService),
    cpu: 256,
    memory: 512,
  }))
  return completePlan({
    name: `fleet-of-${instances}`,
    seed,
    untilSeconds: 20 * 86_400,
    groups: [
      {
        desired: instances,
        min: instances,
        max: 2 * instances,
        availabilityZones: 3,
        cpu: 4096,
        memory: 7680,
        launchable: 2 * instances,
        hooks: [{ heartbeatTimeoutSeconds: 900, defaultResult: 'CONTINUE' }],
      },
    ],
    services,
    happenings: [{ do: 'ami-update', atSeconds: 60, batch }],
    faults: { perMille, untilSeconds: 7200 },
  })
}
