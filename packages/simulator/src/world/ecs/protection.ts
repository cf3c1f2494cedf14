/** Task scale-in protection (AWS: API reference, UpdateTaskProtection; ECS developer guide, task-scale-in-protection). */
import { DRAINING, RUNNING } from '../../trace/kind-numbers.ts'
import { PROTECTION_EXPIRES } from '../occurrences.ts'
import type { Service, Task, World } from '../state.ts'

/** As many of the service's RUNNING tasks, oldest first. Protecting one again begins its time anew. */
export const protectTasks = (world: World, service: Service, tasksMost: number, forMs: number): void => {
  let left = tasksMost
  for (const task of service.tasks) {
    if (left === 0) break
    if (task.status !== RUNNING || task.desiredStopped) continue
    task.protectedUntil = world.now + forMs
    left -= 1
  }
  if (left < tasksMost) world.queue.schedule(world.now + forMs, PROTECTION_EXPIRES, service.number)
}

/** Scale-in and deployments leave it alone. Whether a drain does is not stated anywhere: `protection.blocksDrain`. */
export const isProtected = (world: World, { protectedUntil, instance }: Task): boolean =>
  world.now < protectedUntil && (instance.status !== DRAINING || world.settings['protection.blocksDrain'].from === 1)
