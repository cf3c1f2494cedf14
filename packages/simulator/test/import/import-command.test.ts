// `ecs-drain import` over AWS's protocols: a simulated cluster is asked about as a real one would be, and what comes out is a scenario.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isLeft } from 'fp-ts/Either'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readScenario } from '../../src/scenario/read-scenario.ts'
import { buildCommand, type Ended, ended, start } from '../cli/built-command.ts'
import { serve } from '../endpoint/served.ts'

const awsBySdk = fileURLToPath(new URL('../../../../test/support/aws-by-sdk.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-import-'))
afterAll(() => rmSync(folder, { recursive: true }))

let command = ''
beforeAll(async () => {
  command = await buildCommand([], 'import')
})

/** The command, where `aws` is this script of sh; null: there is none. */
const run = (aws: string | null, ...args: ReadonlyArray<string>): Promise<Ended> => {
  rmSync(join(folder, 'aws'), { force: true })
  if (aws !== null) {
    writeFileSync(join(folder, 'aws'), `#!/bin/sh\n${aws}\n`)
    chmodSync(join(folder, 'aws'), 0o755)
  }
  const keys = { AWS_ACCESS_KEY_ID: 'simulated', AWS_SECRET_ACCESS_KEY: 'simulated' }
  return ended(start(command, ['import', ...args], folder, { PATH: folder, ...keys }))
}

const bySdk = `exec "${process.execPath}" "${awsBySdk}" "$@"`

describe('ecs-drain import', { timeout: 60_000 }, () => {
  test('brings a cluster home: the same groups, hooks, services and tasks', async () => {
    const groups = [
      {
        name: 'hosts',
        desired: 3,
        min: 1,
        max: 5,
        availabilityZones: 3,
        cpu: 4096,
        memory: 8000,
        hooks: [
          { name: 'ecs-drain', heartbeatTimeoutSeconds: 1200, notificationMetadata: '{"cluster":"cluster"}' },
          { name: 'backup', owner: 'other' as const, notifies: 'eventbridge' as const },
        ],
      },
      { name: 'spot', desired: 1, max: 2, reuseOnScaleIn: true, terminateHookAbandon: 'retain' as const },
    ]
    const services = [
      {
        name: 'web',
        desired: 5,
        minimumHealthyPercent: 60,
        maximumPercent: 120,
        cpu: 300,
        memory: 400,
        hostPort: 8080,
        availabilityZoneRebalancing: 'ENABLED' as const,
      },
      { name: 'api', awsvpc: true, stopTimeoutSeconds: 100, healthCheckSeconds: 7 },
      { name: 'agent', schedulingStrategy: 'DAEMON' as const },
    ]
    const standaloneTasks = [{ family: 'batch', count: 2, cpu: 100, memory: 100 }]
    const { endpoint } = await serve({ groups, services, standaloneTasks })
    endpoint.advance(50)
    const file = join(folder, 'home.yaml')
    const place = ['--region', 'eu-west-1', '--endpoint-url', endpoint.url, '--output', file]
    const { code, stdout, stderr } = await run(bySdk, 'cluster', ...place)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('ecs-drain: services: 3, container instances: 4, groups: 2\n')
    const scenario = readScenario({ label: 'home', text: readFileSync(file, 'utf8') })
    if (isLeft(scenario)) throw new Error(scenario.left.join('\n'))
    const { plan } = scenario.right.variants[0]
    expect(plan.groups).toMatchObject(groups)
    expect(plan.services).toHaveLength(3)
    for (const service of services) expect(plan.services).toContainEqual(expect.objectContaining(service))
    expect(plan.standaloneTasks).toMatchObject(standaloneTasks)
    expect(plan.happenings).toMatchObject([{ do: 'instance-refresh', group: 'hosts' }])
  })

  test('what comes out is rehearsed at once', async () => {
    const { endpoint } = await serve({})
    const { stdout } = await run(bySdk, 'cluster', '--region', 'eu-west-1', '--endpoint-url', endpoint.url)
    writeFileSync(join(folder, 'rehearsal.yaml'), stdout)
    const rehearsed = await ended(start(command, ['simulate', 'rehearsal.yaml', '--controller', 'ecs-drain'], folder))
    expect(rehearsed.stdout).toContain('kept every promise')
    expect(rehearsed.code).toBe(0)
  })

  test('of a served target group nothing is told, so its service comes with the defaults and a note', async () => {
    const { endpoint } = await serve({
      services: [{ name: 'web', loadBalancer: { deregistrationDelaySeconds: 20, healthyAfterSeconds: 5 } }],
    })
    const refusal = 'An error occurred (InvalidAction) when calling the DescribeTargetGroupAttributes operation'
    const aws = `case "$1" in elbv2) printf '\\n%s\\n' '${refusal}' >&2; exit 254;; esac\n${bySdk}`
    const { code, stdout } = await run(aws, 'cluster', '--region', 'eu-west-1', '--endpoint-url', endpoint.url)
    expect(code).toBe(0)
    const note = '# Of a target group of service web nothing is known, and a default is here'
    expect(stdout).toContain(`${note}: aws elbv2 describe-target-group-attributes: ${refusal}\n`)
    expect(stdout).toContain('    loadBalancer: {}\n')
  })

  test('notes stand above it, as comments', async () => {
    const { endpoint } = await serve({ groups: [{ name: 'hosts', hooks: [{ name: 'other' }] }] })
    const { stdout } = await run(bySdk, 'cluster', '--region', 'eu-west-1', '--endpoint-url', endpoint.url)
    expect(stdout).toMatch(
      /^# Made by: ecs-drain import cluster\n# .*\n# Group hosts has no lifecycle hook ecs-drain; .*\n\nname: cluster\n/,
    )
  })

  test.each([
    [null, 1, 'there is no command aws here: install the AWS CLI'],
    ['echo "Unable to locate credentials" >&2; exit 253', 1, 'aws ecs list-services: Unable to locate credentials'],
    ['echo "no JSON"', 1, 'aws ecs list-services: expected JSON, got "no JSON\\n"'],
    ['echo \'{"serviceArns": [7]}\'', 1, 'aws ecs list-services: serviceArns[0]: expected string, got 7'],
    [
      'case "$2" in describe-auto*) echo \'{"AutoScalingGroups": []}\';; esac',
      2,
      'cluster: it has no container instances, so there is nothing to update',
    ],
    [
      `case "$2" in
        list-container-instances) echo '{"containerInstanceArns": ["host"]}';;
        describe-container-instances)
          echo '{"containerInstances": [{"containerInstanceArn": "host", "registeredResources": []}]}';;
        describe-auto*) echo '{"AutoScalingGroups": []}';;
      esac`,
      2,
      'cluster: none of its container instances is in an Auto Scaling group',
    ],
  ])('says why there is nothing to write: %s', async (aws, expected, line) => {
    const { code, stdout, stderr } = await run(aws, 'cluster')
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toContain(`ecs-drain: ${line}\n`)
  })

  test('what cannot be the name of a cluster or of a hook is said before anything is asked, and nothing is written', async () => {
    const { code, stdout, stderr } = await run('touch asked', '', '--hook', 'a b c!', '--output', 'nowhere/x.yaml')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toEqual([
      'ecs-drain: CLUSTER: expected the name or the ARN of a cluster, got ""',
      expect.stringMatching(/^ecs-drain: --hook: expected .*, got "a b c!"$/),
      expect.stringMatching(/^ecs-drain: --output nowhere\/x\.yaml: there is no folder /),
    ])
    expect(existsSync(join(folder, 'asked'))).toBe(false)
  })

  test('a cluster may be named by its ARN', async () => {
    const { endpoint } = await serve({})
    const arn = 'arn:aws:ecs:eu-west-1:123456789012:cluster/cluster'
    const { code, stdout } = await run(bySdk, arn, '--region', 'eu-west-1', '--endpoint-url', endpoint.url)
    expect(stdout).toMatch(/^name: cluster$/m)
    expect(code).toBe(0)
  })

  test('a file that was imported and changed since is written over with --force alone', async () => {
    const { endpoint } = await serve({})
    const file = join(folder, 'changed.yaml')
    writeFileSync(file, 'changed by hand')
    const args = ['cluster', '--region', 'eu-west-1', '--endpoint-url', endpoint.url, '--output', 'changed.yaml']
    const { code, stderr } = await run(bySdk, ...args)
    expect([code, stderr]).toEqual([
      2,
      'ecs-drain: --output changed.yaml: there is such a file already; --force writes over it\n',
    ])
    expect(readFileSync(file, 'utf8')).toBe('changed by hand')
    expect((await run(bySdk, ...args, '--force')).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toMatch(/^name: cluster$/m)
  })

  test('says how far it is where a cluster takes many requests', async () => {
    const arns = JSON.stringify(Array.from({ length: 300 }, (_, n) => `service-${n}`))
    const aws = `case "$2" in
      list-services) echo '{"serviceArns": ${arns}}';;
      describe-services) echo '{"services": []}';;
      describe-auto*) echo '{"AutoScalingGroups": []}';;
    esac`
    const { stderr } = await run(aws, 'cluster')
    expect(stderr).toMatch(/^ecs-drain: asking .*\necs-drain: 25 requests so far \.\.\.\necs-drain: services: 0, /)
  })

  test('waits for no answer of a user whom the CLI asks something', async () => {
    const { stderr } = await run('read -r code || echo "no code was given" >&2; exit 255', 'cluster')
    expect(stderr).toContain('ecs-drain: aws ecs list-services: no code was given\n')
  })

  test('what AWS refuses is told in its own words', async () => {
    const { endpoint } = await serve({})
    const { code, stderr } = await run(bySdk, 'other', '--region', 'eu-west-1', '--endpoint-url', endpoint.url)
    expect(stderr).toMatch(/ecs-drain: aws ecs list-services: An error occurred \(ClusterNotFoundException\)/)
    expect(code).toBe(1)
  })

  test('asks nothing where the file cannot be written', async () => {
    const { code, stderr } = await run('echo asked >&2; exit 1', 'cluster', '--output', 'nowhere/x.yaml')
    expect(stderr).toMatch(/^ecs-drain: --output nowhere\/x\.yaml: there is no folder/)
    expect(stderr).not.toContain('asked')
    expect(code).toBe(2)
  })

  test('what the simulator does not know is written all the same, and is said to need a change', async () => {
    const { endpoint } = await serve({ services: [{ name: 'web', minimumHealthyPercent: 100, maximumPercent: 200 }] })
    const odd = `${bySdk.replace('exec ', '')} | sed 's/"maximumPercent": 200/"maximumPercent": 90/'`
    const { code, stdout, stderr } = await run(
      `PATH=/usr/bin:/bin; ${odd}`,
      'cluster',
      '--region',
      'eu-west-1',
      '--endpoint-url',
      endpoint.url,
    )
    expect(stdout).toContain('maximumPercent: 90')
    expect(stderr).toMatch(
      /ecs-drain: to be changed: cluster:\d+: services\[0\]\.maximumPercent: expected at least 100/,
    )
    expect(code).toBe(2)
  })
})
