/**
 * The models that come with the checker. Each asks one question, and is small enough for everything in it to be seen;
 * `--misfortunes` makes them larger.
 */
import type { Misfortunes, Model } from './model.ts'

const none: Misfortunes = { lost: 0, duplicated: 0, crashes: 0, failures: 0, unanswered: 0, hookTimeouts: 0 }
const all: Misfortunes = { lost: 3, duplicated: 3, crashes: 3, failures: 3, unanswered: 3, hookTimeouts: 3 }

/** One instance with two tasks, one function at a time, and nothing goes wrong. */
const calm: Model = {
  name: 'calm',
  teaches: 'One instance with two tasks, through every stopping status, one function at a time; nothing goes wrong.',
  instances: 1,
  tasks: ['RUNNING', 'RUNNING'],
  taskSlots: 2,
  stopping: 'every',
  service: { desired: 2, floor: 2, ceiling: 4 },
  standalone: null,
  handlers: 1,
  lifetime: 0,
  batch: 1,
  sweeps: true,
  staleReads: false,
  drainingEvent: false,
  setActiveByOthers: false,
  foreignHook: false,
  heartbeatTimeout: null,
  deadline: null,
  hopsMax: 2,
  misfortunes: none,
  misfortunesInTotal: 0,
}

/** The same with one task, for the models in which functions meet. */
const oneTask: Model = {
  ...calm,
  tasks: ['RUNNING'],
  taskSlots: 1,
  stopping: 'fewest',
  service: { desired: 1, floor: 1, ceiling: 2 },
}

/** In the order in which `ecs-drain check` explores them. */
export const models: ReadonlyArray<Model> = [
  calm,
  {
    ...calm,
    name: 'all-faults',
    teaches: 'One instance with two tasks, and every misfortune there is, at every moment at which it can strike.',
    stopping: 'fewest',
    misfortunes: all,
    misfortunesInTotal: 1,
  },
  {
    ...oneTask,
    name: 'set-active-by-others',
    teaches:
      'Somebody else sets the draining instance ACTIVE, and ECS may place a task on it before that is found out.',
    taskSlots: 2,
    service: { desired: 2, floor: 1, ceiling: 4 },
    setActiveByOthers: true,
    misfortunes: { ...none, lost: 3 },
    misfortunesInTotal: 1,
  },
  {
    ...calm,
    name: 'two-instances',
    teaches: 'Two instances with two tasks each, both given up at any moment; the service keeps its floor throughout.',
    instances: 2,
    stopping: 'fewest',
    service: { desired: 4, floor: 4, ceiling: 8 },
    sweeps: false,
    misfortunes: { ...all, lost: 0, hookTimeouts: 0 },
  },
  {
    ...oneTask,
    name: 'two-instances-with-faults',
    teaches: 'Two instances with a task each, and misfortunes on either.',
    instances: 2,
    service: { desired: 2, floor: 2, ceiling: 4 },
    sweeps: false,
    misfortunes: { ...all, lost: 0, hookTimeouts: 0 },
    misfortunesInTotal: 1,
  },
  {
    ...oneTask,
    name: 'moving-tasks',
    teaches:
      'Two instances with a task each; what replaces one may come to the other, and be on its way when that drains.',
    instances: 2,
    taskSlots: 2,
    service: { desired: 2, floor: 2, ceiling: 4 },
    sweeps: false,
    misfortunes: { ...all, lost: 0, hookTimeouts: 0 },
  },
  {
    ...oneTask,
    name: 'two-handlers',
    teaches: 'Two functions at work on one stream, each of them anywhere between two calls, and misfortunes on top.',
    handlers: 2,
    sweeps: false,
    misfortunes: { ...all, hookTimeouts: 0 },
    misfortunesInTotal: 2,
  },
  {
    ...oneTask,
    name: 'sweep-and-handler',
    teaches: 'A sweep meets a function that is at work on the same instance, at every moment of both.',
    handlers: 2,
  },
  {
    ...calm,
    name: 'late-placement',
    teaches:
      'A task is on its way to the instance when it begins to drain, and lists and descriptions are out of date.',
    tasks: ['RUNNING', 'in flight'],
    service: { desired: 2, floor: 1, ceiling: 4 },
    stopping: 'fewest',
    staleReads: true,
    drainingEvent: true,
  },
  {
    ...oneTask,
    name: 'slow-functions',
    teaches: 'The clock moves while a function is at work, so what it read and what it is told are of different times.',
    lifetime: 1,
    staleReads: true,
    misfortunes: { ...none, crashes: 3 },
    misfortunesInTotal: 1,
  },
  {
    ...oneTask,
    name: 'heartbeats',
    teaches: 'A hook so impatient that wake-ups have to carry its heartbeats.',
    heartbeatTimeout: 4,
    misfortunes: { ...none, lost: 1, failures: 1 },
    misfortunesInTotal: 1,
  },
  {
    ...oneTask,
    name: 'deadline-continue',
    teaches: 'A deadline at which the action is completed with CONTINUE, whatever still runs.',
    // A tick more than two readings take: some drains end before it.
    deadline: { after: 3, choice: 'continue', stopGrace: 0 },
    misfortunes: { ...none, crashes: 3, unanswered: 3 },
    misfortunesInTotal: 1,
  },
  {
    ...oneTask,
    name: 'deadline-stop-tasks',
    teaches: 'A deadline at which the tasks are told to stop, and are given a tick to do so.',
    deadline: { after: 2, choice: 'stop-tasks', stopGrace: 1 },
    misfortunes: { ...none, crashes: 3, unanswered: 3 },
    misfortunesInTotal: 1,
  },
  {
    ...calm,
    name: 'standalone-tasks',
    teaches: 'Tasks that no service owns: they end when they like, and a time after DRAINING they are told to stop.',
    stopping: 'fewest',
    service: { desired: 0, floor: 0, ceiling: 0 },
    standalone: { after: 2 },
    misfortunes: { ...all, duplicated: 0, hookTimeouts: 0 },
    misfortunesInTotal: 1,
  },
  {
    ...oneTask,
    name: 'foreign-hook',
    teaches: "A second hook that is somebody else's holds the instance as well, and is announced to our queue.",
    foreignHook: true,
    batch: 2,
    misfortunes: { ...none, duplicated: 3, crashes: 3 },
    misfortunesInTotal: 1,
  },
]
