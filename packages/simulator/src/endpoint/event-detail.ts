/** ECS's events as somebody else's function reads them: the world's own texts say only what differs for ours. */
import type { Message } from '../controller/controller.ts'
import type { Instance, Task } from '../world/state.ts'
import { containerInstanceView } from './ecs/container-instance-view.ts'
import { taskView } from './ecs/task-view.ts'
import type { Session } from './session.ts'
import type { Output } from './wire/output.ts'

/** The text of a message, with all that describing its task or container instance would tell. */
export const withDetail = (session: Session, { kind, task, instance }: Message, text: string): string => {
  const { tasks, instances } = session.world
  if (kind === 'task-stopped') return joined(text, detailOfTask(session, tasks[task] as Task))
  return kind === 'container-instance' ? joined(text, detailOfInstance(session, instances[instance] as Instance)) : text
}

const joined = (text: string, more: Output): string => {
  const event = JSON.parse(text) as { readonly detail: object }
  return JSON.stringify({ ...event, detail: { ...event.detail, ...more } })
}

/** It has stopped, so nothing of it changes any more. How healthy it was no event says (AWS: ecs_task_events). */
const detailOfTask = (session: Session, task: Task): Output => {
  const { healthStatus: _, containers, ...detail } = taskView(session, task, task, false)
  return { ...detail, containers: (containers as ReadonlyArray<Output>).map(({ healthStatus: __, ...each }) => each) }
}

/**
 * But for its status and its agent, of which the event tells what they were. That counts are among it is in the schema of the event
 * (AWS: CDK, ECSContainerInstanceStateChange), not in the developer guide's sample.
 */
const detailOfInstance = (session: Session, instance: Instance): Output => {
  const view = containerInstanceView(session, instance, instance, [])
  const { status: _, agentConnected: __, version: ___, ...detail } = view
  return detail
}
