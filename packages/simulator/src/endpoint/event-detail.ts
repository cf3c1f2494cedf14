/** ECS's events as somebody else's function reads them: the world's own texts say only what differs for ours. */
import type { Message } from '../controller/controller.ts'
import type { Instance, Task } from '../world/state.ts'
import { containerInstanceView } from './ecs/container-instance-view.ts'
import { taskView } from './ecs/task-view.ts'
import type { Session } from './session.ts'
import type { Output } from './wire/output.ts'

/** What describing its task or container instance tells, when the message is sent; null: it is about neither. */
export const detailOf = (session: Session, { kind, task, instance }: Message): Output | null => {
  const { tasks, instances } = session.world
  switch (kind) {
    case 'task-stopped':
      return detailOfTask(session, tasks[task] as Task)
    case 'container-instance':
    case 'agent-disconnected':
      return detailOfInstance(session, instances[instance] as Instance)
    default:
      return null
  }
}

/** How healthy it was no event says (AWS: ecs_task_events). */
const detailOfTask = (session: Session, task: Task): Output => {
  const { healthStatus: _, containers, ...detail } = taskView(session, task, task, false)
  return { ...detail, containers: (containers as ReadonlyArray<Output>).map(({ healthStatus: __, ...each }) => each) }
}

/** Counts are in the schema of the event (AWS: CDK, ECSContainerInstanceStateChange), not in the developer guide's sample. */
const detailOfInstance = (session: Session, instance: Instance): Output =>
  containerInstanceView(session, instance, instance, [])

/** The text of a message, with all of its detail. */
export const withDetail = (text: string, more: Output | undefined): string => {
  if (more === undefined) return text
  const event = JSON.parse(text) as { readonly detail: object }
  return JSON.stringify({ ...event, detail: { ...event.detail, ...more } })
}
