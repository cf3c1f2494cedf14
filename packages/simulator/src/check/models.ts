/** The models that come with the checker. Each is small enough to be explored to its end. */
import type { Misfortunes, Model } from './model.ts'

const nothing: Misfortunes = { lost: 0, duplicated: 0, crashes: 0, failures: 0, unanswered: 0, hookTimeouts: 0 }

const oneInstance: Model = {
  name: 'calm',
  teaches: 'One instance with two tasks, and nothing goes wrong.',
  instances: 1,
  tasks: ['RUNNING', 'RUNNING'],
  taskSlots: 2,
  stopping: 'every',
  service: { desired: 2, floor: 2, ceiling: 4 },
  handlers: 1,
  lifetime: 0,
  batch: 1,
  sweeps: true,
  staleReads: false,
  drainingEvent: false,
  foreignHook: false,
  heartbeatTimeout: null,
  deadline: null,
  hopsMax: 2,
  misfortunes: nothing,
}

export const models: ReadonlyArray<Model> = [oneInstance]
