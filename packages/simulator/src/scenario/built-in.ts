// Whoever compiles this file needs the declaration, whatever their tsconfig.json includes.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="../../scenarios/text.d.ts" />
/**
 * The scenarios that come with the package. They are imported as text, so that they are part of whatever is built from
 * this file and nothing has to be found on a disk.
 */
import agentDisconnected from '../../scenarios/agent-disconnected.yaml?raw'
import agentReRegisters from '../../scenarios/agent-re-registers.yaml?raw'
import amiUpdate from '../../scenarios/ami-update.yaml?raw'
import amiUpdateBehindLoadBalancer from '../../scenarios/ami-update-behind-load-balancer.yaml?raw'
import cloudformationRollingUpdate from '../../scenarios/cloudformation-rolling-update.yaml?raw'
import daemonService from '../../scenarios/daemon-service.yaml?raw'
import duplicatesAndReordering from '../../scenarios/duplicates-and-reordering.yaml?raw'
import fixedHostPort from '../../scenarios/fixed-host-port.yaml?raw'
import foreignHook from '../../scenarios/foreign-hook.yaml?raw'
import heartbeatTimeout30s from '../../scenarios/heartbeat-timeout-30s.yaml?raw'
import hookDeletedMidDrain from '../../scenarios/hook-deleted-mid-drain.yaml?raw'
import hundredInstances from '../../scenarios/hundred-instances.yaml?raw'
import instanceRefresh from '../../scenarios/instance-refresh.yaml?raw'
import instanceWithoutTasks from '../../scenarios/instance-without-tasks.yaml?raw'
import lostStoppedEvent from '../../scenarios/lost-stopped-event.yaml?raw'
import lostTerminationEvent from '../../scenarios/lost-termination-event.yaml?raw'
import minAndMax100 from '../../scenarios/min-and-max-100.yaml?raw'
import noSpareCapacity from '../../scenarios/no-spare-capacity.yaml?raw'
import notAContainerInstance from '../../scenarios/not-a-container-instance.yaml?raw'
import scaleInTwoAtOnce from '../../scenarios/scale-in-two-at-once.yaml?raw'
import setActiveMidDrain from '../../scenarios/set-active-mid-drain.yaml?raw'
import singleTaskService from '../../scenarios/single-task-service.yaml?raw'
import standaloneBatchTask from '../../scenarios/standalone-batch-task.yaml?raw'
import taskAlreadyStopping from '../../scenarios/task-already-stopping.yaml?raw'
import taskScaleInProtection from '../../scenarios/task-scale-in-protection.yaml?raw'
import warmPoolReturn from '../../scenarios/warm-pool-return.yaml?raw'
import type { ScenarioSource } from './read-scenario.ts'

// In the order in which a reader should meet them.
const texts: ReadonlyMap<string, string> = new Map([
  ['ami-update', amiUpdate],
  ['ami-update-behind-load-balancer', amiUpdateBehindLoadBalancer],
  ['scale-in-two-at-once', scaleInTwoAtOnce],
  ['instance-refresh', instanceRefresh],
  ['cloudformation-rolling-update', cloudformationRollingUpdate],
  ['single-task-service', singleTaskService],
  ['min-and-max-100', minAndMax100],
  ['no-spare-capacity', noSpareCapacity],
  ['fixed-host-port', fixedHostPort],
  ['daemon-service', daemonService],
  ['standalone-batch-task', standaloneBatchTask],
  ['task-scale-in-protection', taskScaleInProtection],
  ['task-already-stopping', taskAlreadyStopping],
  ['instance-without-tasks', instanceWithoutTasks],
  ['not-a-container-instance', notAContainerInstance],
  ['warm-pool-return', warmPoolReturn],
  ['lost-termination-event', lostTerminationEvent],
  ['duplicates-and-reordering', duplicatesAndReordering],
  ['lost-stopped-event', lostStoppedEvent],
  ['agent-disconnected', agentDisconnected],
  ['agent-re-registers', agentReRegisters],
  ['set-active-mid-drain', setActiveMidDrain],
  ['foreign-hook', foreignHook],
  ['heartbeat-timeout-30s', heartbeatTimeout30s],
  ['hook-deleted-mid-drain', hookDeletedMidDrain],
  ['hundred-instances', hundredInstances],
])

/** The names of the built-in scenarios. */
export const builtInNames: ReadonlyArray<string> = [...texts.keys()]

/** A built-in scenario's text; undefined where none has that name. */
export const builtInSource = (name: string): ScenarioSource | undefined => {
  const text = texts.get(name)
  return text === undefined ? undefined : { label: name, text }
}
