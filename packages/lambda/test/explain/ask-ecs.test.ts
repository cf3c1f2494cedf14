// `ecs-drain explain --ask-ecs`: the table knows for which tasks a drain waits, and ECS why they are still there. It is asked over its
// own protocol, in a simulated cluster that has no room for their replacements.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ECSClient, UpdateContainerInstancesStateCommand } from '@aws-sdk/client-ecs'
import { dynamoCalls, dynamoEventStore } from '@ecs-drain/aws-adapter'
import {
  type ClusterName,
  type ContainerInstanceArn,
  type DrainEvent,
  type Ec2InstanceId,
  type EcsTaskArn,
  streamOf,
} from '@ecs-drain/core'
import { event, task, taskNumber } from '@ecs-drain/core/testing'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SimulatedAws, type State, startSimulatedAws } from '../end-to-end/support/simulated-aws.ts'
import { type StreamTable, startStreamTable } from '../end-to-end/support/stream-table.ts'
import { type Ended, run } from './support/run-explain.ts'

type Host = State['clusters'][number]['containerInstances'][number]

const region = 'eu-west-1'
const cluster = 'cluster' as ClusterName

let aws: SimulatedAws
let table: StreamTable
let host: Host

/** As a drain stores it that has listed these tasks. */
const listed = (arns: ReadonlyArray<string>): ReadonlyArray<DrainEvent> => [
  event('DrainRequested', 0),
  event('ContainerInstanceFound', 1, { cluster, arn: host.arn as ContainerInstanceArn }),
  event('ContainerInstanceDraining', 2),
  event('TasksRead', 10, { scope: 'running', tasks: arns.map((arn, n) => task(n, { arn: arn as EcsTaskArn })) }),
]

const store = async (instance: string, events: ReadonlyArray<DrainEvent>): Promise<void> => {
  const written = await dynamoEventStore(dynamoCalls(table.client), table.name).append({
    type: 'AppendToStream',
    stream: streamOf(instance as Ec2InstanceId),
    expectedVersion: 0,
    events,
    index: { watched: true, containerInstances: [] },
  })()
  expect(written).toEqual(E.right({ type: 'appended' }))
}

const explain = (instance: string, ecsUrl: string, ...args: ReadonlyArray<string>): Promise<Ended> =>
  run([instance, '--table', table.name, '--region', region, '--ask-ecs', ...args], {
    AWS_ENDPOINT_URL_DYNAMODB: `http://${table.address}`,
    AWS_ENDPOINT_URL_ECS: ecsUrl,
  })

beforeAll(async () => {
  ;[aws, table] = await Promise.all([startSimulatedAws('no-spare-capacity', 1), startStreamTable()])
  await aws.moveClock(50)
  const [first] = (await aws.state()).clusters[0]?.containerInstances ?? []
  if (first === undefined) throw new Error('no container instance')
  host = first
  const ecs = new ECSClient({
    region,
    endpoint: aws.url,
    credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
  })
  const request = { cluster, containerInstances: [host.arn], status: 'DRAINING' as const }
  await ecs.send(new UpdateContainerInstancesStateCommand(request))
  await aws.moveClock(30)
  await store(host.ec2InstanceId, listed(host.tasks.map(({ arn }) => arn)))
})
afterAll(async () => {
  aws.stop()
  await table.stop()
})

describe('--ask-ecs', { timeout: 60_000 }, () => {
  test('says of each task that is waited for how it stands, and of its service why it does not move it', async () => {
    const { code, stdout, stderr } = await explain(host.ec2InstanceId, aws.url)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [, said = ''] = stdout.split('\nECS says\n')
    expect(said.split('\n')).toEqual([
      ...host.tasks.map(({ arn }) => `  task ${arn.slice(-32)} of service web: RUNNING, not told to stop`),
      '  service web: 4 desired, 4 running, 0 pending; ECS keeps 4 to 8 (100 to 200 percent)',
      '    08:00:00.000  (service web) has reached a steady state.',
      expect.stringMatching(
        /^ {4}\d\d:\d\d:\d\d\.\d{3} {2}\(service web\) was unable to place a task because no container/,
      ),
      '',
    ])
  })

  test('--json has what ECS says beside the rest', async () => {
    const { stdout } = await explain(host.ec2InstanceId, aws.url, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      drain: { phase: 'draining' },
      ecs: { tasks: [{ lastStatus: 'RUNNING' }, {}], services: [{ serviceName: 'web', desiredCount: 4 }] },
    })
  })

  test('asks about no more tasks at once than ECS allows', async () => {
    const forgotten = Array.from({ length: 100 }, (_, n) => taskNumber(n, cluster))
    await store('i-00000000000000101', listed([...forgotten, ...host.tasks.map(({ arn }) => arn)]))
    const { code, stdout } = await explain('i-00000000000000101', aws.url)
    expect(code).toBe(0)
    expect(stdout.match(/of service web: RUNNING/g)).toHaveLength(host.tasks.length)
    expect(stdout.match(/ECS does not know it any more/g)).toHaveLength(forgotten.length)
  })

  test('asks each cluster about its own tasks, as of a host that was in another before', async () => {
    const [inThis, inBatch] = [taskNumber(1, cluster), taskNumber(2, 'batch' as ClusterName)]
    await store('i-00000000000000103', listed([inThis, inBatch]))
    const asked: Array<unknown> = []
    const answering = createServer((request, response) => {
      void text(request).then((body) => {
        const { tasks, ...where } = JSON.parse(body) as { readonly tasks: ReadonlyArray<string> }
        asked.push({ ...where, tasks })
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
        response.end(JSON.stringify({ tasks: tasks.map((taskArn) => ({ taskArn, group: 'family:batch' })) }))
      })
    })
    const { code, stdout } = await explain('i-00000000000000103', await listening(answering))
    answering.close()
    expect(code).toBe(0)
    expect(asked).toEqual([
      { cluster: 'cluster', tasks: [inThis] },
      { cluster: 'batch', tasks: [inBatch] },
    ])
    expect(stdout.match(/of family:batch/g)).toHaveLength(2)
  })

  test('has nothing to ask where no task is waited for', async () => {
    await store('i-00000000000000102', listed([]))
    const { code, stdout, stderr } = await explain('i-00000000000000102', 'http://127.0.0.1:9')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toContain('ECS says')
  })

  test.each([
    ['DescribeTasks', 'task'],
    ['DescribeServices', 'service'],
  ])(
    'what ECS refuses does not hide what the table says, and the permission to ask for is named: %s',
    async (refused, resource) => {
      const refusing = createServer((request, response) => {
        const isRefused = request.headers['x-amz-target']?.toString().endsWith(`.${refused}`) === true
        response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
        response.end(
          isRefused
            ? '{"__type":"AccessDeniedException","message":"no"}'
            : JSON.stringify({ tasks: host.tasks.map(({ arn }) => ({ taskArn: arn, group: 'service:web' })) }),
        )
      })
      const url = await listening(refusing)
      const { code, stdout, stderr } = await explain(host.ec2InstanceId, url)
      refusing.close()
      expect(code).toBe(1)
      expect(stdout).toMatch(/^i-\w+: DRAINING for .*; waits for 2 of 2 tasks/)
      expect(stderr).toBe(
        `ecs-drain: ECS could not be asked: AccessDenied: allow ecs:${refused} on arn:*:ecs:*:*:${resource}/cluster/*; ` +
          'AWS said AccessDeniedException: no\n',
      )
    },
  )

  test('without an instance is bad input', async () => {
    const { code, stderr } = await run(['--ask-ecs', '--table', 'a-table', '--region', region])
    expect(stderr).toBe('ecs-drain: --ask-ecs: expected an INSTANCE to ask about, got none\necs-drain: Try --help.\n')
    expect(code).toBe(2)
  })
})

const listening = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
