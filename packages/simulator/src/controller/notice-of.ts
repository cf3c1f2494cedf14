/** A message as the notice it decodes to: the short way, for when the text in between is not what is being tested. */
import type { Notice } from '@ecs-drain/core'
import { streamOf } from '@ecs-drain/core'
import { taskStatuses } from '../trace/trace.ts'
import type { Directory, Message } from './controller.ts'

export const noticeOf = (message: Message, directory: Directory): Notice => {
  const at = directory.startMs + message.at
  switch (message.kind) {
    case 'termination':
      return {
        type: 'InstanceTerminating',
        action: directory.action(message.action),
        destination: directory.destination(message.action),
        account: directory.account,
        metadata: directory.metadata(message.action),
        at,
      }
    case 'launch':
      return {
        type: 'InstanceLaunching',
        instance: directory.instanceId(message.instance),
        group: directory.groupName(message.instance),
        origin: 'WarmPool',
        account: directory.account,
        at,
      }
    case 'task-stopped':
      return {
        type: 'TaskStateChanged',
        task: {
          arn: directory.taskArn(message.task),
          version: message.version,
          lastStatus: taskStatuses[message.status] ?? 'UNKNOWN',
          desiredStatus: message.desiredStopped ? 'STOPPED' : 'RUNNING',
          group: directory.taskGroup(message.task),
        },
        containerInstance: directory.containerInstanceArn(message.instance),
        at,
      }
    case 'container-instance':
    case 'agent-disconnected':
      return {
        type: 'ContainerInstanceStateChanged',
        containerInstance: directory.containerInstanceArn(message.instance),
        agentConnected: message.agentConnected,
      }
    case 'wake-up':
      return { type: 'WokenUp', stream: streamOf(directory.instanceId(message.instance)), hops: message.hops }
    case 'sweep':
      return { type: 'SweepDue' }
  }
}
