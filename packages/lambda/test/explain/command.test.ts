// `ecs-drain explain`, as it is built, run as a process against a server that speaks DynamoDB's protocol.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dynamoCalls, dynamoEventStore } from '@ecs-drain/aws-adapter'
import { type DrainEvent, type EventStore, fold, instanceOf, isWatched, type StreamId, streamOf } from '@ecs-drain/core'
import { at, event, instanceNumber, ScriptedWorld, stoppingTask, task, taskNumber } from '@ecs-drain/core/testing'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StreamTable, startStreamTable } from '../end-to-end/support/stream-table.ts'

const command = fileURLToPath(new URL('../../bin/ecs-drain-explain.js', import.meta.url))
const page = readFileSync(new URL('../../../../docs/explain.md', import.meta.url), 'utf8')

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (args: ReadonlyArray<string>, environment: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const credentials = { AWS_ACCESS_KEY_ID: 'simulated', AWS_SECRET_ACCESS_KEY: 'simulated' }
    const child = spawn(process.execPath, [command, ...args], {
      env: { PATH: process.env['PATH'], ...credentials, ...environment },
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })

/** Drained: two tasks, one of which was being stopped already. */
const letGo = (): ReadonlyArray<DrainEvent> => {
  const world = new ScriptedWorld({ latency: 60 })
  world.addInstance(1, [task(1), stoppingTask(2)])
  world.terminate(1)
  world.settle({ until: at(42) })
  world.stop(taskNumber(2))
  world.settle({ until: at(97) })
  world.stop(taskNumber(1))
  world.settle()
  return world.events()
}

let table: StreamTable
let store: EventStore
const explain = (...args: ReadonlyArray<string>): Promise<Ended> =>
  run([...args, '--table', table.name, '--region', 'eu-west-1', '--endpoint-url', `http://${table.address}`])

const write = async (stream: StreamId, events: ReadonlyArray<DrainEvent>): Promise<void> => {
  for (const [version, each] of events.entries()) {
    const index = { watched: isWatched(fold(events.slice(0, version + 1))), containerInstances: [] }
    const written = await store.append({
      type: 'AppendToStream',
      stream,
      expectedVersion: version,
      events: [each],
      index,
    })()
    expect(written).toEqual(E.right({ type: 'appended' }))
  }
}

beforeAll(async () => {
  table = await startStreamTable()
  store = dynamoEventStore(dynamoCalls(table.client), table.name)
  await write(streamOf(instanceNumber(1)), letGo())
  await write(streamOf(instanceNumber(2)), [event('DrainRequested', 0)])
})
afterAll(() => table.stop())

/** Each starts a process. */
const slow = { timeout: 60_000 }

describe('ecs-drain explain', slow, () => {
  test('tells the drain of one instance, as docs/explain.md shows it', async () => {
    const { code, stdout, stderr } = await explain(instanceNumber(1))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(page).toContain(stdout)
  })

  test('without an instance lists the drains that are open, and no other', async () => {
    const { code, stdout } = await explain()
    expect(code).toBe(0)
    expect(stdout).toMatch(
      new RegExp(`^${instanceNumber(2)}  announced .* ago; Auto Scaling has not said yet that the hook holds it\\n$`),
    )
  })

  test('--json prints JSON and nothing else', async () => {
    const one = await explain(instanceNumber(1), '--json')
    expect(JSON.parse(one.stdout)).toMatchObject({ drain: { phase: 'ended' }, events: letGo() })
    const all = await explain('--json')
    expect(JSON.parse(all.stdout)).toMatchObject([
      { stream: streamOf(instanceNumber(2)), drain: { phase: 'locating' } },
    ])
  })

  test('an instance of which the table knows nothing is said to be one', async () => {
    const { code, stdout, stderr } = await explain(instanceNumber(3))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `ecs-drain: table ${table.name} has no drain of ${instanceNumber(3)}: there was none, or it is too old\n`,
    )
  })

  test('a table that is not there is an error that names it', async () => {
    const place = ['--region', 'eu-west-1', '--endpoint-url', `http://${table.address}`]
    const { code, stderr } = await run([instanceNumber(1), '--table', 'another', ...place])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^ecs-drain: NotFound: .*another/)
  })

  test('what is wrong on the command line is told all at once, and nothing is read', async () => {
    const { code, stdout, stderr } = await run(['web-1', 'i-2', '--table', 'a table'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.split('\n').slice(0, -1)).toEqual([
      'ecs-drain: INSTANCE: expected the id of an EC2 instance, got "web-1"',
      'ecs-drain: expected one INSTANCE, got 2',
      'ecs-drain: --table: expected the name of a table, got "a table"',
      'ecs-drain: --region: expected an AWS Region, here or in AWS_REGION, got nothing',
      'ecs-drain: Try --help.',
    ])
  })

  test('table and Region may come from the environment', async () => {
    const environment = {
      ECS_DRAIN_TABLE: table.name,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: `http://${table.address}`,
    }
    const { code, stdout } = await run([instanceNumber(1)], environment)
    expect(code).toBe(0)
    expect(stdout).toContain(`${instanceOf(streamOf(instanceNumber(1)))}: completed with CONTINUE`)
  })

  test('--help is printed', async () => {
    const { code, stdout } = await run(['--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: ecs-drain explain [INSTANCE] --table NAME [options]')
  })
})
