/** How many requests were sent to AWS, by operation, and what became of them. DynamoDB counts its own. */
import type { Call, CallType, Failure, PortFunction, Ports } from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import type { Measurement } from './metric-names.ts'

/** One call that came back. A `CallReport` of `@ecs-drain/aws-adapter` is one. */
export interface CountedCall {
  /** Of calls to `dynamodb`, which publishes its own counts, by table, only those that are denied are counted. */
  readonly service?: string
  /** AWS's name of the operation. */
  readonly operation: string
  /** How often the request was sent. */
  readonly attempts: number
  /** How many of the attempts were throttled. */
  readonly throttled: number
  /** What it came to in the end; null where it was answered. */
  readonly failure: Failure['type'] | null
}

/** What was counted of one operation. */
export interface OperationTally {
  readonly attempts: number
  readonly throttled: number
  readonly denied: number
}

/** Counts until it is taken. */
export interface CallTally {
  /** One call is over. */
  readonly note: (call: CountedCall) => void
  /** What was counted since the last time, by operation; counting begins anew. */
  readonly take: () => ReadonlyMap<string, OperationTally>
}

/** A tally of nothing yet. */
export const callTally = (): CallTally => {
  let tally = new Map<string, OperationTally>()
  return {
    note: ({ service, operation, attempts, throttled, failure }) => {
      const before = tally.get(operation) ?? { attempts: 0, throttled: 0, denied: 0 }
      const isCounted = service !== 'dynamodb'
      tally.set(operation, {
        attempts: before.attempts + (isCounted ? attempts : 0),
        throttled: before.throttled + (isCounted ? throttled : 0),
        denied: before.denied + (failure === 'AccessDenied' ? 1 : 0),
      })
    },
    take: () => {
      const taken = tally
      tally = new Map()
      return taken
    },
  }
}

/** The operation of SQS that sends a wake-up; all other calls have the names of their operations. */
const operationOf = (type: CallType): string => (type === 'SendWakeUp' ? 'SendMessage' : type)

/** The same ports, each call to AWS counted as one request, because what a port repeats by itself is not seen from here. */
export const countedPorts = (ports: Ports, tally: CallTally): Ports => {
  const counted =
    <Type extends CallType>(ask: PortFunction<Type>): PortFunction<Type> =>
    (request) =>
    async () => {
      const result = await ask(request)()
      const failure = E.isLeft(result) ? result.left.type : null
      const operation = operationOf((request as Call).type)
      tally.note({ operation, attempts: 1, throttled: failure === 'Throttled' ? 1 : 0, failure })
      return result
    }
  const { cluster, lifecycleHooks, wakeUps } = ports
  return {
    ...ports,
    cluster: {
      listContainerInstances: counted((request) => cluster.listContainerInstances(request)),
      describeContainerInstances: counted((request) => cluster.describeContainerInstances(request)),
      updateContainerInstancesState: counted((request) => cluster.updateContainerInstancesState(request)),
      listTasks: counted((request) => cluster.listTasks(request)),
      describeTasks: counted((request) => cluster.describeTasks(request)),
      stopTask: counted((request) => cluster.stopTask(request)),
    },
    lifecycleHooks: {
      complete: counted((request) => lifecycleHooks.complete(request)),
      recordHeartbeat: counted((request) => lifecycleHooks.recordHeartbeat(request)),
      describeHooks: counted((request) => lifecycleHooks.describeHooks(request)),
      describeGroups: counted((request) => lifecycleHooks.describeGroups(request)),
    },
    wakeUps: { send: counted((request) => wakeUps.send(request)) },
  }
}

/** What was counted, as measurements. */
export const measurementsOfCalls = (counted: ReadonlyMap<string, OperationTally>): ReadonlyArray<Measurement> =>
  [...counted].flatMap(([operation, { attempts, throttled, denied }]) => {
    const measurements: ReadonlyArray<Measurement> = [
      { metric: 'apiCalls', value: attempts, operation },
      { metric: 'apiCallsThrottled', value: throttled, operation },
      { metric: 'apiCallsDenied', value: denied, operation },
    ]
    return measurements.filter(({ value }) => value > 0)
  })
