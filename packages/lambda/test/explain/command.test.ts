// `ecs-drain explain`, as it is built, run as a process against a server that speaks DynamoDB's protocol.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, DeleteItemCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { dynamoCalls, dynamoEventStore } from '@ecs-drain/aws-adapter'
import { type DrainEvent, type EventStore, fold, instanceOf, isWatched, type StreamId, streamOf } from '@ecs-drain/core'
import { at, event, instanceNumber, ScriptedWorld, task, taskNumber } from '@ecs-drain/core/testing'
import * as E from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StreamTable, startStreamTable } from '../end-to-end/support/stream-table.ts'
import { outputsShown } from './support/page.ts'
import { type Ended, run } from './support/run-explain.ts'

/** Drained: two tasks, one of which was being stopped already. */
const letGo = (): ReadonlyArray<DrainEvent> => {
  const world = new ScriptedWorld({ latency: 60 })
  world.addInstance(1, [task(1), task(2)])
  world.terminate(1)
  world.settle({ until: at(42) })
  world.stop(taskNumber(2))
  world.settle({ until: at(97) })
  world.stop(taskNumber(1))
  world.settle()
  return world.events()
}

const noRegion =
  '--region: expected an AWS Region, here, in AWS_REGION or AWS_DEFAULT_REGION, ' +
  "or with --stack in the AWS CLI's configuration, got nothing"

const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-explain-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A PATH on which `aws` is this script of sh. */
const fakeAws = (script: string, name = 'bin'): string => {
  const bin = join(folder, name)
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'aws'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return `${bin}:/usr/bin:/bin`
}

const callsOf = (name: string): string => join(folder, name)

const noKeys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }

let table: StreamTable
let store: EventStore
const explain = (...args: ReadonlyArray<string>): Promise<Ended> =>
  run([...args, '--table', table.name, '--region', 'eu-west-1', '--endpoint-url', `http://${table.address}`])

/** `watched`: as the drain says, unless told otherwise. */
const write = async (
  stream: StreamId,
  events: ReadonlyArray<DrainEvent>,
  watched: boolean | null = null,
  from = 0,
): Promise<void> => {
  for (const [nth, each] of events.entries()) {
    const version = from + nth
    const index = { watched: watched ?? isWatched(fold(events.slice(0, nth + 1))), containerInstances: [] }
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
    expect(outputsShown).toContain(stdout)
  })

  test('without an instance lists the drains that are open, and no other', async () => {
    const { code, stdout } = await explain()
    expect(code).toBe(0)
    expect(stdout).toMatch(
      new RegExp(
        `^${instanceNumber(2)}  announced .* ago; Auto Scaling has not said yet that the hook holds it; .*\\n$`,
      ),
    )
  })

  test('writes nothing, also where a store would: an entry whose writer died is not confirmed', async () => {
    const Key = { pk: { S: 'watched' }, sk: { S: streamOf(instanceNumber(2)) } }
    const later = { ':later': { N: `${Math.floor(Date.now() / 1000) + 3_600}` } }
    const unconfirm = { UpdateExpression: 'SET expiresAt = :later', ExpressionAttributeValues: later }
    await table.client.send(new UpdateItemCommand({ TableName: table.name, Key, ...unconfirm }))
    const before = await table.client.send(new ScanCommand({ TableName: table.name }))
    const { code, stdout } = await explain()
    const after = await table.client.send(new ScanCommand({ TableName: table.name }))
    const confirm = { UpdateExpression: 'REMOVE expiresAt' }
    await table.client.send(new UpdateItemCommand({ TableName: table.name, Key, ...confirm }))
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${instanceNumber(2)}  announced`)])
    expect(after.Items).toEqual(before.Items)
  })

  test('lists the oldest first', async () => {
    const stream = streamOf(instanceNumber(6))
    await write(stream, [event('DrainRequested', 0, { announcedAt: at(-60) })])
    const { stdout } = await explain()
    await write(stream, [event('LifecycleActionOver', 1)], false, 1)
    expect(stdout.match(/^i-\w+/gm)).toEqual([instanceNumber(6), instanceNumber(2)])
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
      `ecs-drain: table ${table.name} has no drain of ${instanceNumber(3)}: there was none, it is too old, ` +
        'or it is in the table of another stack. ' +
        'If it waits for its hook now, look for it in the log of the function: ' +
        'a line says why it was not recorded; without one nobody has told the function\n',
    )
  })

  /** What the AWS CLI prints of a stack: its output TableName, and the parameters DeadlineSeconds, AtDeadline and StopGraceSeconds. */
  const stackSays = (...words: ReadonlyArray<string | null>): string => `echo '${JSON.stringify(words)}'`

  test('of a stack asks for its output TableName, where all else is asked', async () => {
    const aws = fakeAws(`echo "$@" > ${callsOf('asked')}; ${stackSays(table.name, '', 'wait', '360')}`)
    const place = ['--region', 'eu-west-1', '--endpoint-url', `http://${table.address}`]
    const { code, stdout } = await run([instanceNumber(1), '--stack', 'drain', ...place], { PATH: aws })
    const parameter = (name: string): string => `Parameters[?ParameterKey=='${name}'].ParameterValue|[0]`
    expect(readFileSync(callsOf('asked'), 'utf8')).toBe(
      "cloudformation describe-stacks --stack-name drain --query Stacks[0].[Outputs[?OutputKey=='TableName'].OutputValue|[0], " +
        `${['DeadlineSeconds', 'AtDeadline', 'StopGraceSeconds'].map(parameter).join(', ')}] ` +
        `--output json --region eu-west-1 --endpoint-url http://${table.address}\n`,
    )
    expect(stdout).toContain(`${instanceNumber(1)}: completed with CONTINUE`)
    expect(code).toBe(0)
  })

  test('of a stack asks in the Region of the AWS CLI, where no other is named', async () => {
    const configure = '[ "$1" = configure ] && echo eu-north-1 && exit'
    const aws = fakeAws(`${configure}; echo "$@" > ${callsOf('asked')}; ${stackSays(table.name, '', 'wait', '360')}`)
    const asked = async (place: ReadonlyArray<string>, environment: Readonly<Record<string, string>> = {}) => {
      const endpoint = ['--endpoint-url', `http://${table.address}`]
      const { code } = await run([instanceNumber(1), '--stack', 'drain', ...endpoint, ...place], {
        PATH: aws,
        ...environment,
      })
      return [code, / --region (\S+)/.exec(readFileSync(callsOf('asked'), 'utf8'))?.[1]]
    }
    expect(await asked([])).toEqual([0, 'eu-north-1'])
    expect(await asked([], { AWS_DEFAULT_REGION: 'eu-west-2' })).toEqual([0, 'eu-west-2'])
    expect(await asked(['--region', 'eu-west-1'])).toEqual([0, 'eu-west-1'])
  })

  test.each([['exit 1'], ['echo'], [null]])(
    'of a stack that nobody has named a Region for says so: %s',
    async (script) => {
      const PATH = script === null ? '/nowhere' : fakeAws(script)
      const { code, stdout, stderr } = await run(['--stack', 'drain'], { PATH })
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `ecs-drain: ${noRegion}\n` })
    },
  )

  test('of a stack with a deadline says when the drain ends at the latest', async () => {
    const stream = streamOf(instanceNumber(8))
    const begun = Date.now() - 60_000
    await write(stream, [{ ...event('DrainRequested', 0, { announcedAt: begun }), at: begun }])
    const aws = fakeAws(stackSays(table.name, '7200', 'continue', '360'))
    const place = ['--region', 'eu-west-1', '--endpoint-url', `http://${table.address}`]
    const { stdout } = await run([instanceNumber(8), '--stack', 'drain', ...place], { PATH: aws })
    const withoutDeadline = await Promise.all(
      [['', 'continue', '360'] as const, [null, null, null] as const].map(async (words, n) => {
        const PATH = fakeAws(stackSays(table.name, ...words), `without-${n}`)
        return (await run([instanceNumber(8), '--stack', 'drain', ...place], { PATH })).stdout
      }),
    )
    await write(stream, [event('LifecycleActionOver', 1)], false, 1)
    const deadline = new Date(begun + 7_200_000).toISOString().slice(0, 19).replace('T', ' ')
    expect(stdout).toContain(
      `\nWaits for\n  no longer than until its deadline, at ${deadline} (UTC): then the instance is let go, whatever runs on it\n`,
    )
    for (const told of withoutDeadline) {
      expect(told).toContain(`${instanceNumber(8)}: announced`)
      expect(told).not.toContain('no longer than')
    }
  })

  test.each([
    // It begins what it says on a line of its own.
    [
      'shift 8; printf "\\nNo such stack (%s)\\n" "$*" >&2; exit 254',
      'stack drain in eu-west-1: No such stack (--region eu-west-1)\n',
    ],
    ['exit 3', 'stack drain in eu-west-1: aws ended with exit code 3\n'],
    ['kill -9 $$', 'stack drain in eu-west-1: aws was ended by SIGKILL\n'],
    [
      stackSays(null, null, null, null),
      'stack drain in eu-west-1 has no output TableName: name the table with --table',
    ],
    ['echo null', 'stack drain in eu-west-1 has no output TableName: name the table with --table'],
    ['echo', 'stack drain in eu-west-1 has no output TableName: name the table with --table'],
    [null, 'there is no command aws here. Install the AWS CLI (version 2)'],
  ])('of a stack whose table cannot be had says why: %s', async (script, line) => {
    const aws = script === null ? '/nowhere' : fakeAws(script)
    const { code, stdout, stderr } = await run(['--stack', 'drain', '--region', 'eu-west-1'], { PATH: aws })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`ecs-drain: ${line}`)
  })

  test('one drain that cannot be read hides none of the others', async () => {
    const stream = streamOf(instanceNumber(4))
    await write(stream, [event('DrainRequested', 0)])
    const Key = { pk: { S: stream }, sk: { S: '0000000001' } }
    const UpdateExpression = 'SET body = :body'
    const ExpressionAttributeValues = { ':body': { S: '[{"type":"FromTheFuture"}]' } }
    const damage = { TableName: table.name, Key, UpdateExpression, ExpressionAttributeValues }
    await table.client.send(new UpdateItemCommand(damage))
    const list = await explain()
    const asJson = await explain('--json')
    const alone = await explain(instanceNumber(4))
    await table.client.send(new DeleteItemCommand({ TableName: table.name, Key }))
    expect(list.stdout).toMatch(
      new RegExp(
        `^${instanceNumber(2)}  announced .*\n` +
          `${instanceNumber(4)}  cannot be read \\(Rejected: table ${table.name}, pk ${stream}, sk 0000000001: body.*\\)\n$`,
      ),
    )
    expect(list.stderr).toBe('ecs-drain: 1 of 2 streams could not be read\n')
    expect(JSON.parse(asJson.stdout)).toMatchObject([
      { stream: streamOf(instanceNumber(2)), drain: { phase: 'locating' } },
      { stream, failure: { type: 'Rejected' } },
    ])
    expect([list.code, asJson.code]).toEqual([1, 1])
    expect(alone).toMatchObject({ code: 1, stdout: '' })
    expect(alone.stderr).toMatch(/^ecs-drain: Rejected: table .*, sk 0000000001: body.*\n$/)
  })

  test('lists a host that is back from its warm pool until it is ACTIVE', async () => {
    const stream = streamOf(instanceNumber(5))
    const gone = letGo()
    await write(stream, gone, true)
    expect((await explain()).stdout).not.toContain(instanceNumber(5))
    const back = [...gone, event('InstanceReturnedToService', 600)]
    await write(stream, back.slice(-1), true, gone.length)
    expect((await explain()).stdout).toMatch(
      new RegExp(`^${instanceNumber(5)}  back from its warm pool for .*, and not ACTIVE`, 'm'),
    )
    await write(stream, [event('ContainerInstanceActivated', 700)], false, back.length)
    expect((await explain()).stdout).not.toContain(instanceNumber(5))
  })

  test('without credentials says that there are none, not that something is denied', async () => {
    const place = ['--table', table.name, '--region', 'eu-west-1', '--endpoint-url', `http://${table.address}`]
    const nobody = { HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true', ...noKeys }
    const { code, stderr } = await run([instanceNumber(1), ...place], nobody)
    expect(stderr).toMatch(
      /^ecs-drain: Unavailable: no credentials for dynamodb:Query on .*: Could not load credentials/,
    )
    expect(stderr).not.toContain('AccessDenied')
    expect(code).toBe(1)
  })

  test.each([[[instanceNumber(1)]], [[]]])(
    'a table that is not there: its name or the Region is wrong, %j',
    async (of) => {
      const place = ['--region', 'eu-west-1', '--endpoint-url', `http://${table.address}`]
      const { code, stderr } = await run([...of, '--table', 'another', ...place])
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^ecs-drain: there is no table another in eu-west-1 in the account of these credentials: dynamodb:Query on .*\n$/,
      )
    },
  )

  test.each([[[instanceNumber(1)]], [[]]])(
    'a table of other keys is said to be no table of ecs-drain, %j',
    async (of) => {
      await table.client.send(
        new CreateTableCommand({
          TableName: `orders-${of.length}`,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'order', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'order', AttributeType: 'S' }],
        }),
      )
      const place = ['--region', 'eu-west-1', '--endpoint-url', `http://${table.address}`]
      const { code, stderr } = await run([...of, '--table', `orders-${of.length}`, ...place])
      expect(code).toBe(1)
      expect(stderr).toMatch(/^ecs-drain: table orders-\d does not have the keys of a table of ecs-drain: .+\n$/)
    },
  )

  test('what is wrong on the command line is told all at once, and nothing is read', async () => {
    const { code, stdout, stderr } = await run(['web-1', 'i-2', '--table', 'a table'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.split('\n').slice(0, -1)).toEqual([
      'ecs-drain: INSTANCE: expected the id of an EC2 instance, got "web-1"',
      'ecs-drain: expected one INSTANCE, got 2',
      'ecs-drain: --table: expected the name of a table, got "a table"',
      `ecs-drain: ${noRegion}`,
      'ecs-drain: Try --help.',
    ])
  })

  test.each<[ReadonlyArray<string>, Readonly<Record<string, string>>, string]>([
    [['--region', 'Frankfurt'], {}, '--region: expected an AWS Region, such as eu-central-1, got "Frankfurt"'],
    [['--region', 'eu-central-1a'], {}, '--region: expected an AWS Region, such as eu-central-1, got "eu-central-1a"'],
    [['--region', ''], { AWS_REGION: 'eu-west-1' }, '--region: expected an AWS Region, such as eu-central-1, got ""'],
    [[], { AWS_REGION: 'ireland' }, 'AWS_REGION: expected an AWS Region, such as eu-central-1, got "ireland"'],
    [
      [],
      { AWS_REGION: '', AWS_DEFAULT_REGION: 'x' },
      'AWS_DEFAULT_REGION: expected an AWS Region, such as eu-central-1, got "x"',
    ],
  ])('a Region that is none is bad input, and its place is named: %j %j', async (args, environment, line) => {
    const { code, stderr } = await run(['--table', 'a-table', ...args], environment)
    expect(stderr).toBe(`ecs-drain: ${line}\necs-drain: Try --help.\n`)
    expect(code).toBe(2)
  })

  test('a table that is none is bad input, and its place is named', async () => {
    const { code, stderr } = await run(['--region', 'eu-west-1'], { ECS_DRAIN_TABLE: 'my-table, please' })
    const line = 'ECS_DRAIN_TABLE: expected the name of a table, got "my-table, please"'
    expect(stderr).toBe(`ecs-drain: ${line}\necs-drain: Try --help.\n`)
    expect(code).toBe(2)
  })

  test.each([
    [['--table', 'a-table', '--stack', 'drain'], '--table, --stack: expected one of the two, got both'],
    [['--stack', 'a stack'], '--stack: expected the name of a stack, got "a stack"'],
    [[], '--table: expected the name of the table, or --stack with that of the stack, got nothing'],
  ])('%j is bad input', async (args, line) => {
    const { code, stderr } = await run([...args, '--region', 'eu-west-1'])
    expect(stderr).toBe(`ecs-drain: ${line}\necs-drain: Try --help.\n`)
    expect(code).toBe(2)
  })

  test.each(['', 'localhost:8000', 'ftp://localhost', 'http://'])(
    '%j is no endpoint, and nothing is asked',
    async (url) => {
      const { code, stderr } = await run(['--table', 'a-table', '--region', 'eu-west-1', '--endpoint-url', url])
      const line = `--endpoint-url: expected a URL, such as http://localhost:8000, got ${JSON.stringify(url)}`
      expect(stderr).toBe(`ecs-drain: ${line}\necs-drain: Try --help.\n`)
      expect(code).toBe(2)
    },
  )

  test('table and Region may come from the environment', async () => {
    const environment = {
      ECS_DRAIN_TABLE: table.name,
      AWS_REGION: 'us-gov-west-1',
      AWS_ENDPOINT_URL: `http://${table.address}`,
    }
    const { code, stdout } = await run([instanceNumber(1)], environment)
    expect(code).toBe(0)
    expect(stdout).toContain(`${instanceOf(streamOf(instanceNumber(1)))}: completed with CONTINUE`)
  })

  test('--help is printed, with the exit codes', async () => {
    const { code, stdout } = await run(['--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: ecs-drain explain [INSTANCE] (--stack NAME | --table NAME) [options]')
    expect(stdout).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 /)
  })
})
