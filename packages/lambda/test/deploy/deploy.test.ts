// `ecs-drain deploy`, run as a process against an `aws` that writes down how it is called.
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deploySteps, printedSteps, templateNames } from '../../src/deploy/deploy-steps.ts'
import { expectedOf, parametersIn } from '../../src/deploy/template-parameters.ts'
import { loadTemplate, type TemplateName, templateFile, textOf, valueAt } from '../template/template.ts'
import { createFakeAccount, type FakeAccount } from './fake-aws.ts'

let account: FakeAccount
beforeEach(() => {
  account = createFakeAccount()
})
afterEach(() => account.remove())

const given = [
  '--bucket',
  'my-code',
  '--template',
  'attach',
  '--stack',
  'drain',
  '--region',
  'eu-central-1',
  '--parameter',
  'ClusterNames=production',
  '--parameter',
  'GroupNames=web,workers',
] as const

const key = `ecs-drain/${createHash('sha256').update('not really a zip').digest('hex')}.zip`

const expectedCalls = [
  ['s3', 'cp', 'package/dist/ecs-drain-lambda.zip', `s3://my-code/${key}`, '--region', 'eu-central-1'],
  [
    ...['cloudformation', 'deploy', '--stack-name', 'drain', '--template-file', 'package/deploy/attach.yaml'],
    ...['--s3-bucket', 'my-code', '--s3-prefix', 'ecs-drain', '--capabilities', 'CAPABILITY_IAM'],
    ...['--no-fail-on-empty-changeset', '--region', 'eu-central-1', '--parameter-overrides'],
    ...['CodeBucket=my-code', `CodeKey=${key}`, 'ClusterNames=production', 'GroupNames=web,workers'],
  ],
  [
    ...['cloudformation', 'describe-stacks', '--stack-name', 'drain', '--query', 'Stacks[0].Outputs'],
    ...['--region', 'eu-central-1'],
  ],
]

/** Each starts a process or several. */
const slow = { timeout: 60_000 }

describe('with --yes', slow, () => {
  test('uploads the zip under its hash, then makes the stack', () => {
    const { status, stderr } = account.run(...given, '--yes')
    // Each before it runs: an upload takes a while, and a stack minutes.
    expect(stderr).toBe(
      'ecs-drain: upload it: aws s3 cp ...\n' +
        'ecs-drain: make the stack, or update it: aws cloudformation deploy ...\n' +
        'ecs-drain: see what is there: aws cloudformation describe-stacks ...\n',
    )
    expect(account.calls()).toEqual(expectedCalls)
    expect(status).toBe(0)
  })

  test('shows nothing in a pager, in which it would wait for somebody who reads', () => {
    account.run(...given, '--yes')
    expect(new Set(account.pagers())).toEqual(new Set(['']))
  })

  test('other code is another key, so that the stack takes it', () => {
    account.run(...given, '--yes')
    writeFileSync(account.zip, 'other code')
    account.run(...given, '--yes')
    const keys = account.calls().flatMap((call) => call.filter((word) => word.startsWith('CodeKey=')))
    expect(new Set(keys).size).toBe(2)
  })

  test('in a checkout uploads what it has just built, under the hash of that', () => {
    const checkout = account.checkout()
    const { status } = checkout.run('deploy', ...given, '--yes')
    const built = createHash('sha256').update('build 1 of @ecs-drain/lambda').digest('hex')
    expect(readFileSync(checkout.zip, 'utf8')).toBe('build 1 of @ecs-drain/lambda')
    expect(account.calls()[0]).toContain(`s3://my-code/ecs-drain/${built}.zip`)
    expect(account.calls()[1]).toContain(`CodeKey=ecs-drain/${built}.zip`)
    expect(status).toBe(0)
  })

  test('stops at the step that fails, and says which, after the words of AWS', () => {
    account.failAt('s3', 254)
    const { status, stderr } = account.run(...given, '--yes')
    expect(account.calls()).toHaveLength(1)
    expect(stderr).toMatch(/\nno such bucket\necs-drain: upload it: aws ended with exit code 254\n$/)
    expect(status).toBe(1)
  })

  test('says so where there is no AWS CLI', () => {
    const { status, stderr } = account.runWithoutAws(...given, '--yes')
    expect(stderr).toContain('ecs-drain: there is no command aws here. Install the AWS CLI (version 2)')
    expect(status).toBe(1)
  })
})

describe('without --yes', slow, () => {
  test('prints the steps and runs none', () => {
    const { status, stdout, stderr } = account.run(...given)
    expect(account.calls()).toEqual([])
    expect(stdout).toContain(`aws s3 cp package/dist/ecs-drain-lambda.zip s3://my-code/${key}`)
    expect(stderr).toContain('nothing ran; --yes runs these steps')
    expect(status).toBe(0)
  })

  test.each([
    ['full', 'template.yaml'],
    ['attach', 'attach.yaml'],
    ['smallest', 'smallest.yaml'],
  ])('%s is %s, in the Region of the AWS CLI where none is named', (template, file) => {
    const { stdout } = account.run('--bucket', 'my-code', '--template', template)
    expect(stdout).toContain(` --template-file package/deploy/${file} `)
    expect(stdout).not.toContain('--region')
  })

  test('each template has a stack of its own, so that trying the example changes no stack that answers hooks', () => {
    const stacks = ['full', 'attach', 'smallest'].map((template) => {
      const { stdout } = account.run('--bucket', 'my-code', '--template', template)
      return /cloudformation deploy \\\n {2}--stack-name (\S+)/.exec(stdout)?.[1]
    })
    expect(stacks).toEqual(['ecs-drain-example', 'ecs-drain', 'ecs-drain-smallest'])
  })

  test('a shell that is given what was printed makes the same calls', () => {
    const awkward = [...given, '--parameter', `AlarmEmail=it's "us" --all $HOME@example.com`]
    const { stdout } = account.run(...awkward)
    account.run(...awkward, '--yes')
    const ran = account.calls()
    account.runShell(stdout)
    expect(account.calls().slice(ran.length)).toEqual(ran)
    expect(ran).toHaveLength(3)
  })

  test('names what a new stack needs and was not given', () => {
    const { status, stderr } = account.run('--bucket', 'my-code')
    expect(stderr).toContain('a new stack needs these too: --parameter VpcId=... --parameter SubnetIds=...\n')
    expect(status).toBe(0)
    const some = account.run('--bucket', 'my-code', '--parameter', 'VpcId=vpc-1')
    expect(some.stderr).toContain('a new stack needs these too: --parameter SubnetIds=...\n')
    expect(account.run(...given).stderr).toBe('ecs-drain: nothing ran; --yes runs these steps\n')
  })

  test('a package without its zip is broken', () => {
    rmSync(account.zip)
    const { status, stdout, stderr } = account.run(...given)
    expect(stdout).toBe('')
    expect(stderr).toContain('package/dist/ecs-drain-lambda.zip is missing: install @ecs-drain/lambda again')
    expect(status).toBe(1)
  })

  test('in a checkout the steps name the hash of what the sources say now, and upload just that', () => {
    const checkout = account.checkout()
    for (const built of ['build 1 of @ecs-drain/lambda', 'build 2 of @ecs-drain/lambda']) {
      const { status, stdout } = checkout.run('deploy', ...given)
      const sha256 = createHash('sha256').update(built).digest('hex')
      expect(readFileSync(checkout.zip, 'utf8')).toBe(built)
      expect(new Set(stdout.match(/[0-9a-f]{64}/g))).toEqual(new Set([sha256]))
      expect(stdout).toMatch(/^# 1\. upload it\n/)
      expect(status).toBe(0)
    }
  })
})

describe('in a checkout where only the simulator is built', slow, () => {
  test.each([
    ['deploy', 'Usage: ecs-drain deploy '],
    ['explain', 'explain --help'],
  ])('%s builds what it needs and runs, with nothing of the build on stdout', (command, printed) => {
    const { status, stdout, stderr } = account.checkout().run(command, '--help')
    expect(stdout.slice(0, printed.length)).toBe(printed)
    expect(stderr).toBe('building @ecs-drain/lambda ...\n')
    expect(status).toBe(0)
  })

  test('explain, for whoever is in a hurry, is built once', () => {
    const checkout = account.checkout()
    checkout.run('explain', '--help')
    expect(checkout.run('explain', '--help').stderr).toBe('')
  })

  test.each(['deploy', 'explain'])('%s ends with a build that fails', (command) => {
    const { status, stdout, stderr } = account.checkout({ builds: false }).run(command, '--help')
    expect(stdout).toBe('')
    expect(stderr).toBe('building @ecs-drain/lambda ...\n')
    expect(status).toBe(1)
  })

  test('a deployment does not take what was built before a build that fails', () => {
    account.checkout().run('deploy', ...given)
    const { status } = account.checkout({ builds: false }).run('deploy', ...given, '--yes')
    expect(account.calls()).toEqual([])
    expect(status).toBe(1)
  })

  test('what was installed has nothing to build, and says what helps where it is broken', () => {
    const checkout = account.checkout()
    rmSync(checkout.sources, { recursive: true })
    const { status, stderr } = checkout.run('explain', '--help')
    expect(stderr).toMatch(/^ecs-drain: .*explain\.js is missing\. Install @ecs-drain\/lambda again\.\n$/)
    expect(status).toBe(1)
  })
})

describe('bad input', slow, () => {
  test.each<[ReadonlyArray<string>, string]>([
    [[], '--bucket: expected the name of an S3 bucket of yours, got nothing'],
    [['--bucket', 'My_Code'], '--bucket: expected the name of an S3 bucket, got "My_Code"'],
    [[...given, '--template', 'whole'], '--template: expected one of full, attach, smallest, got "whole"'],
    [[...given, '--stack', '1st'], '--stack: expected the name of a stack, at most 100 letters, got "1st"'],
    [[...given, '--stack', 'a'.repeat(101)], '--stack: expected the name of a stack, at most 100 letters, got "aaa'],
    [[...given, '--region', 'Frankfurt'], '--region: expected an AWS Region, got "Frankfurt"'],
    [[...given, '--parameter', 'HookName'], '--parameter: expected NAME=VALUE, got "HookName"'],
    [[...given, '--parameter', 'GroupNames=x'], '--parameter: GroupNames is given twice'],
    [[...given, '--parameter', 'VpcId=vpc-1'], '--parameter: VpcId is none of attach: ClusterNames, GroupNames, '],
    [[...given, '--parameter', 'CodeBucket=x'], '--parameter: CodeBucket is set by the steps themselves'],
    [[...given, '--parameter', 'CodeKey=x'], '--parameter: CodeKey is set by the steps themselves'],
    [
      [...given, '--parameter', 'HeartbeatSeconds=5'],
      '--parameter HeartbeatSeconds: expected a number from 900 to 7200, got "5"',
    ],
    [
      [...given, '--parameter', 'OldestDrainAlarmSeconds=1h'],
      '--parameter OldestDrainAlarmSeconds: expected a number from 60, got "1h"',
    ],
    [
      [...given, '--parameter', 'AtDeadline=nope'],
      '--parameter AtDeadline: expected one of continue, stop-tasks, abandon, wait, got "nope"',
    ],
    [
      [...given, '--parameter', 'DeadlineSeconds=30'],
      '--parameter DeadlineSeconds: expected text that matches ([6-9][0-9]|',
    ],
    [
      [...given, '--parameter', 'StopStandaloneAfterSeconds=5m'],
      'Empty means that the drain waits for them, since ECS never stops them.), got "5m"',
    ],
    [
      [...given, '--parameter', 'AlarmEmail='],
      '--parameter AlarmEmail: expected text with a length of at least 1, got ""',
    ],
    [[...given, '--force'], "Unknown option '--force'"],
    [[...given, 'now'], "Unexpected argument 'now'"],
  ])('%j', (args, line) => {
    const { status, stdout, stderr } = account.run(...args, '--yes')
    expect(stderr).toMatch(/^ecs-drain: /)
    expect(stderr).toContain(line)
    expect([status, stdout, account.calls()]).toEqual([2, '', []])
  })

  test('all of it at once', () => {
    const { stderr } = account.run('--template', 'x', '--region', 'y', '--parameter', 'z')
    for (const option of ['--template', '--region', '--parameter', '--bucket'])
      expect(stderr).toContain(`ecs-drain: ${option}: `)
  })

  test('all values that the template does not take at once', () => {
    const { status, stderr } = account.run(
      ...['--bucket', 'my-code', '--template', 'attach', '--yes', '--parameter', 'ClusterNames='],
      ...['--parameter', 'HeartbeatSeconds=5', '--parameter', 'Nonsense=1'],
    )
    expect(stderr).toMatch(
      /^ecs-drain: --parameter ClusterNames: expected one to five .*, got ""\n.* HeartbeatSeconds: .*\n.*: Nonsense is none of .*\n$/,
    )
    expect(status).toBe(2)
    expect(account.calls()).toEqual([])
  })

  test('--help wins, and knows the exit codes', () => {
    const { status, stdout } = account.run('--nonsense', '--help')
    expect(stdout).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 /)
    expect(status).toBe(0)
  })
})

test.each<TemplateName>(['template', 'attach', 'smallest'])(
  'the parameters of %s.yaml are read as YAML has them',
  (name) => {
    const { Parameters } = loadTemplate(name)
    const byYaml = Object.entries(Parameters).map(([parameter, constraints]) => ({
      name: parameter,
      ...Object.fromEntries(
        Object.entries(constraints).map(([key, value]) => [
          key,
          Array.isArray(value) ? value.map(String) : String(value),
        ]),
      ),
    }))
    expect(parametersIn(readFileSync(templateFile(name), 'utf8'))).toEqual(byYaml)
  },
)

test.each<TemplateName>(['template', 'attach', 'smallest'])('the defaults of %s.yaml are values it takes', (name) => {
  const parameters = parametersIn(readFileSync(templateFile(name), 'utf8'))
  const refused = parameters.filter((each) => each.Default !== undefined && expectedOf(each, each.Default) !== null)
  expect(refused).toEqual([])
})

const page = readFileSync(new URL('../../../../docs/deploy.md', import.meta.url), 'utf8')

test('docs/deploy.md speaks of every alarm, by its name without that of the stack', () => {
  const alarms = Object.values(loadTemplate('attach').Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  const names = alarms.map(({ Properties }) => textOf(valueAt(Properties, 'AlarmName', 'Fn::Sub')).split('}-')[1])
  const shown = [...page.matchAll(/^\| `([a-z-]+)` \| .* \| .* \|$/gm)].map(([, name]) => name)
  expect(new Set(shown)).toEqual(new Set(names))
  expect(shown).toHaveLength(names.length)
})

test('docs/deploy.md shows the steps as they are printed', () => {
  const packageFolder = 'packages/lambda'
  const files = {
    templateFile: `${packageFolder}/deploy/${templateNames.full}`,
    zipFile: `${packageFolder}/dist/ecs-drain-lambda.zip`,
    sha256: 'SHA256',
  }
  const parameters = new Map([
    ['VpcId', 'vpc-0a1b2c3d'],
    ['SubnetIds', 'subnet-0a1b2c3d,subnet-1a2b3c4d'],
  ])
  const options = {
    template: 'full',
    stack: 'ecs-drain-example',
    bucket: 'my-code',
    region: 'eu-central-1',
    parameters,
    yes: false,
  } as const
  expect(page).toContain(`\`\`\`sh\n${printedSteps(deploySteps(options, files))}\`\`\`\n`)
})
