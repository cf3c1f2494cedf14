import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { kinds } from '../../src/trace/trace.ts'
import { buildCommand, type Ended, ended, start } from './built-command.ts'

let command: string
let folder: string
beforeAll(async () => {
  command = await buildCommand()
}, 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ecs-drain-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ecsDrain = (...args: ReadonlyArray<string>): Promise<Ended> => ended(start(command, args, folder))
const filesThere = (): ReadonlyArray<string> => readdirSync(folder)

const small = `
name: small
groups: [{ name: hosts, desired: 1, min: 1, max: 2, hooks: [{ name: drain }] }]
services: [{ name: web, desired: 1 }]
happenings: [{ atSeconds: 10, do: terminate-instance, group: hosts, old: 0, decrementDesired: false }]
`

describe('simulate', () => {
  test('prints a table, a sentence per controller, and how to see it again', async () => {
    const { code, stdout, stderr } = await ecsDrain('simulate', 'ami-update', '--seed', '3')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('ami-update, seed 3')
    for (const name of ['none', 'counting-poller', 'article', 'ecs-drain'])
      expect(stdout).toMatch(new RegExp(`^${name}: .*\\.$`, 'm'))
    expect(stdout).toContain('Again: npx ecs-drain simulate ami-update --controller all --seed 3\n')
    expect(stdout).toMatch(/^Trace hash: [0-9a-f]{16}$/m)
    expect(stdout).not.toContain('\u001b')
  })

  test('--json prints the documented JSON and nothing else', async () => {
    const { code, stdout } = await ecsDrain('simulate', '--json', '--report', 'r.html')
    const result = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(Object.keys(result)).toEqual(['scenario', 'seed', 'controllers', 'traceHash'])
    expect(result.scenario).toBe('ami-update')
    expect(result.controllers.map((each: { name: string }) => each.name)).toEqual([
      'none',
      'counting-poller',
      'article',
      'ecs-drain',
    ])
    for (const controller of result.controllers) {
      expect(Object.keys(controller)).toEqual([
        'name',
        'services',
        'tasksKilled',
        'movesPerTask',
        'lambdaInvocations',
        'apiCalls',
        'apiCallsByOperation',
        'secondsFromLastStoppedToCompletion',
        'totalSeconds',
        'promises',
      ])
      for (const service of controller.services) {
        expect(Object.keys(service)).toEqual([
          'name',
          'desired',
          'floor',
          'leastRunning',
          'secondsAtZero',
          'secondsBelowFloor',
        ])
      }
    }
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toMatch(/<\/html>\s*$/)
  })

  test('a run whose time was up before it had settled is told as one', async () => {
    writeFileSync(join(folder, 'mine.yaml'), `${small}untilSeconds: 100\n`)
    const { stdout } = await ecsDrain('simulate', 'mine.yaml', '-c', 'none')
    expect(stdout).toMatch(/^none: .*\. The run had not settled when its time was up, at 100 s\.$/m)
    expect(stdout).toMatch(/^│ settled in time +│ +no ! │$/m)
    expect((await ecsDrain('simulate', '--help')).stdout).toContain('a run that had not settled in time says so')
    const json = await ecsDrain('simulate', 'mine.yaml', '-c', 'none', '--json')
    expect(JSON.parse(json.stdout).controllers[0].settled).toBe(false)
  })

  test('tasks that no instance has room for at second zero are spoken of, in every form', async () => {
    const lacking = ['simulate', 'ami-update', '--set', 'services[0].desired=40', '--controller', 'ecs-drain']
    const said = 'At second zero there was room for 8 of 40 tasks of web.'
    expect((await ecsDrain(...lacking, '--report', 'r.html')).stdout).toContain(`\n${said}\n`)
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain(said)
    const [run] = JSON.parse((await ecsDrain(...lacking, '--json')).stdout).controllers
    const kept = run.promises.find(({ name }: { readonly name: string }) => name === 'S2 floor')
    expect(kept.excluded).toEqual([expect.stringContaining('web never reached its floor of 40')])
    expect((await ecsDrain('simulate', 'daemon-service', '--controller', 'none')).stdout).not.toContain(
      'there was room',
    )
  })

  test('the JSON of variants is that of the first, and the others beside it', async () => {
    const all = JSON.parse((await ecsDrain('simulate', 'single-task-service', '-c', 'none', '--json')).stdout)
    const only = JSON.parse(
      (await ecsDrain('simulate', 'single-task-service', '-c', 'none', '--json', '--variant', '0-100')).stdout,
    )
    expect(all.variant).toBe('100-200')
    expect(Object.keys(all.variants)).toEqual(['50-100', '0-100', '100-150'])
    expect(all.variants['0-100'].controllers).toEqual(only.controllers)
    expect(only.variants).toBeUndefined()
  })

  test('the same seed gives the same run, another one another', async () => {
    const hash = async (...args: ReadonlyArray<string>): Promise<string> =>
      JSON.parse((await ecsDrain('simulate', '--json', '-c', 'none', ...args)).stdout).traceHash
    expect(await hash('--seed', '5')).toBe(await hash('--seed', '5'))
    expect(await hash('--seed', '5')).not.toBe(await hash('--seed', '6'))
  })

  test('reads a scenario from a file, and --set changes it', async () => {
    writeFileSync(join(folder, 'mine.yaml'), small)
    const { code, stdout } = await ecsDrain(
      'simulate',
      'mine.yaml',
      '-c',
      'none',
      '--json',
      '--set',
      'services[web].desired=3',
      '--set',
      'parameters.scheduler.reaction=[2, 2]',
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout).controllers[0].services[0]).toMatchObject({ name: 'web', desired: 3 })
  })

  test.runIf(existsSync('/dev/stdin'))('reads a scenario from a pipe', () => {
    writeFileSync(join(folder, 'mine.yaml'), small)
    const piped = [
      '-c',
      'cat mine.yaml | "$@"',
      'sh',
      process.execPath,
      command,
      'simulate',
      '/dev/stdin',
      '-c',
      'none',
    ]
    const { status, stdout } = spawnSync('sh', piped, { cwd: folder })
    // It teaches nothing, so there is one empty line before the table.
    expect(stdout.toString()).toMatch(/^small, seed 1\n\n┌/)
    expect(status).toBe(0)
  })

  test('--trace writes a line for each record, with names', async () => {
    const { code } = await ecsDrain('simulate', '-c', 'none', '--trace', 'trace.jsonl')
    expect(code).toBe(0)
    const lines = readFileSync(join(folder, 'trace.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.length).toBeGreaterThan(50)
    for (const line of lines) {
      expect(line.controller).toBe('none')
      expect(kinds).toContain(line.kind)
      expect(Object.values(line)).not.toContain(undefined)
    }
    const state = lines.find(({ kind }) => kind === 'instance-state')
    expect(state.instance).toMatch(/^i-[0-9a-f]+$/)
    expect(state.lifecycleState).toMatch(/^[A-Z]/)
  })

  test('a file may have the name of a built-in scenario, which is not read from it', async () => {
    const { code } = await ecsDrain('simulate', 'ami-update', '-c', 'none', '--trace', 'ami-update')
    expect(code).toBe(0)
    expect(filesThere()).toEqual(['ami-update'])
  })

  test('a scenario with variants writes a report for each', async () => {
    const { code, stdout } = await ecsDrain('simulate', 'instance-refresh', '-c', 'ecs-drain', '--report', 'r.html')
    expect(code).toBe(0)
    expect(filesThere()).toEqual(['r-explicit-110.html', 'r-omitted.html', 'r.html'])
    expect(stdout).toContain(`Report: ${join(folder, 'r.html')}\n`)
    const command = 'npx ecs-drain simulate instance-refresh --controller ecs-drain'
    expect(stdout).toContain(`Again: ${command}\n`)
    expect(readFileSync(join(folder, 'r-omitted.html'), 'utf8')).toContain(`${command} --variant omitted<`)
  }, 60_000)
})

describe('bad input: exit code 2, told on stderr, nothing written', () => {
  const refused = async (args: ReadonlyArray<string>, ...messages: ReadonlyArray<string>): Promise<void> => {
    const before = filesThere()
    const { code, stdout, stderr } = await ecsDrain(...args)
    for (const message of messages) expect(stderr).toContain(message)
    expect(stdout).toBe('')
    expect(code).toBe(2)
    expect(filesThere()).toEqual(before)
  }

  test('an unknown scenario, with the name that was meant', () =>
    refused(
      ['simulate', 'ami-updat', '--report', 'r.html'],
      'ecs-drain: ami-updat: there is no built-in scenario and no file of that name; did you mean ami-update',
    ))

  test('a file that does not exist', () =>
    refused(['simulate', './mine.yaml'], 'ecs-drain: ./mine.yaml: there is no such file'))

  test('a folder', () => {
    mkdirSync(join(folder, 'mine'))
    return refused(['simulate', 'mine'], 'ecs-drain: mine: expected a YAML or JSON file, got a folder')
  })

  test.each([['mine.yaml/x'], ['x'.repeat(300)]])('a file that cannot be looked for: %s', (name) => {
    writeFileSync(join(folder, 'mine.yaml'), small)
    return refused(['simulate', name], `ecs-drain: ${name}: cannot be read: E`)
  })

  test('a scenario with mistakes: all of them, by file and path', () => {
    writeFileSync(join(folder, 'mine.yaml'), `${small}seed: many\nservice: []\n`)
    return refused(
      ['simulate', 'mine.yaml', '--report', 'r.html', '--trace', 't.jsonl'],
      'ecs-drain: mine.yaml:6: seed: expected an integer from 0 to 4294967295, got "many"\n',
      'ecs-drain: mine.yaml:7: service: unknown key; did you mean services?\n',
    )
  })

  test('--set of what is out of range', () =>
    refused(
      ['simulate', '--set', 'services[0].minimumHealthyPercent=all', '--report', 'r.html'],
      'ecs-drain: ami-update, with --set: services[0].minimumHealthyPercent: expected an integer from 0 to 200, got "all"\n',
    ))

  test.each([
    [['--set', 'services[0]'], 'expected path=value'],
    [['--set', 'seed=[1'], 'expected a YAML value after "=": Flow sequence must end with a ]\n'],
    [['--set', 'seed=*x'], '--set seed=*x: expected a YAML value after "=": Unresolved alias'],
    [['--set', '__proto__.x=1'], '__proto__: unknown key'],
    [['--set', 'services[api].desired=1'], 'services has nothing named api: expected one of web\n'],
    [['--seed', '1.5'], 'expected an integer from 0 to 4294967295'],
    [['--seed', '-1'], 'expected an integer from 0 to 4294967295'],
    [['--controller', 'nobody'], 'Allowed choices are none, counting-poller, article, ecs-drain, all'],
    [['--variant', 'x'], 'ami-update has no variants'],
    [['--report', 'no/such/r.html'], 'there is no folder'],
    [['--report', '.'], 'is a folder'],
    [['--report', 'x'.repeat(300)], 'ENAMETOOLONG'],
    [['--report', 'same', '--trace', './same'], 'expected another file'],
    [['--colour'], "ecs-drain: unknown option '--colour'"],
    [['one', 'two'], 'too many arguments'],
  ])('%j', (args, message) => refused(['simulate', ...args], message))

  test.each(['--trace', '--report'])('%s onto the scenario itself, by its name or by a link to it', async (option) => {
    writeFileSync(join(folder, 'mine.yaml'), small)
    symlinkSync('mine.yaml', join(folder, 'link.yaml'))
    for (const file of ['mine.yaml', 'link.yaml']) {
      const simulate = ['simulate', 'mine.yaml', '-c', 'none', option, file]
      await refused(simulate, `ecs-drain: ${option} ${file}: expected another file than mine.yaml, which is read\n`)
    }
    expect(readFileSync(join(folder, 'mine.yaml'), 'utf8')).toBe(small)
  })

  test('a variant that is not there, with the one that was meant', () =>
    refused(
      ['simulate', 'instance-refresh', '--variant', 'omited'],
      'expected one of explicit-100, omitted, explicit-110; did you mean omitted?',
    ))

  test('an unknown command', () => refused(['simulat'], "unknown command 'simulat'"))
})

describe('what a scenario expects', () => {
  const expecting = ['simulate', 'expecting.yaml', '-c', 'ecs-drain']
  const write = (bound: string): void =>
    writeFileSync(
      join(folder, 'expecting.yaml'),
      `name: expecting\nhappenings: [{ do: ami-update }]\nexpect: { ecs-drain: { tasksKilled: ${bound} }, none: { tasksKilled: 0 } }\n`,
    )

  test('and did not come to pass is told of the controllers that ran, with an exit code of its own', async () => {
    write('">= 1"')
    const { code, stdout } = await ecsDrain(...expecting)
    expect(stdout).toContain('ecs-drain, not as expected: tasksKilled: expected >= 1, was 0\n')
    expect(stdout).not.toMatch(/^none/m)
    expect(code).toBe(8)
    const { stdout: json } = await ecsDrain(...expecting, '--json')
    const { controllers } = JSON.parse(json) as { controllers: ReadonlyArray<{ unmet?: ReadonlyArray<string> }> }
    expect(controllers[0]?.unmet).toEqual(['tasksKilled: expected >= 1, was 0'])
  })

  test('and did come to pass is not spoken of', async () => {
    write('0')
    const { code, stdout } = await ecsDrain(...expecting, '--json')
    expect(stdout).not.toContain('unmet')
    expect(code).toBe(0)
  })

  test.each([
    ['--seed', '2'],
    ['--set', 'groups=[{desired: 3}]'],
  ])('is not held against another plan or other luck: %s %s', async (...changed) => {
    write('">= 1"')
    const { code, stdout } = await ecsDrain(...expecting, ...changed)
    expect(stdout).not.toContain('not as expected')
    expect(code).toBe(0)
  })
})

describe('a broken promise', () => {
  const controllerThatCannotWin = [
    '--set',
    'parameters.bus.event=60000',
    '--set',
    'groups[0].hooks[0].heartbeatTimeoutSeconds=30',
    '--set',
    'controller.sweepEverySeconds=3600',
    '--set',
    'parameters.bus.hook=60000',
  ]

  test('of ecs-drain has an exit code of its own, and its witness is printed', async () => {
    const { code, stdout } = await ecsDrain('simulate', '-c', 'ecs-drain', ...controllerThatCannotWin)
    expect(stdout).toMatch(/ecs-drain BROKE [SL]\d .*: at [\d.]+ s/)
    expect(code).toBe(3)
  })

  test('is told by the exit code, and the report written, though nobody reads stderr', async () => {
    const args = ['simulate', '-c', 'ecs-drain', ...controllerThatCannotWin, '--report', 'r.html']
    const child = start(command, args, folder)
    child.stderr?.destroy()
    const { code } = await ended(child)
    expect(filesThere()).toEqual(['r.html'])
    expect(code).toBe(3)
  })

  test('of another controller has not', async () => {
    const { code, stdout } = await ecsDrain('simulate', '-c', 'none')
    expect(stdout).toContain('none: ')
    expect(code).toBe(0)
  })
})

describe('help', () => {
  test.each([
    [['--help']],
    [['simulate', '--help']],
    [['serve', '--help']],
    [['check', '--help']],
    [['scenarios', '--help']],
    [['storm', '--help']],
    [['storm', 'merge', '--help']],
    [['help', 'simulate']],
  ])('%j documents the exit codes', async (args) => {
    const { code, stdout, stderr } = await ecsDrain(...args)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    for (const line of ['Exit codes:', '1    unexpected', '2    bad input']) expect(stdout).toContain(line)
  })

  test.each([
    [['--help'], ['0', '1', '2', '3', '4', '5', '6', '7', '8', '130']],
    [
      ['simulate', '--help'],
      ['0', '1', '2', '3', '8', '130'],
    ],
    [
      ['check', '--help'],
      ['0', '1', '2', '3', '4', '5', '6', '130'],
    ],
    [
      ['storm', '--help'],
      ['0', '1', '2', '3', '4', '7', '130'],
    ],
    [
      ['storm', 'merge', '--help'],
      ['0', '1', '2', '3', '4', '7', '130'],
    ],
    [
      ['import', '--help'],
      ['0', '1', '2', '130'],
    ],
    // It ends when it is stopped, and not before.
    [
      ['serve', '--help'],
      ['1', '2', '130'],
    ],
  ])('%j documents the exit codes that it can have, and no others', async (args, codes) => {
    const { stdout } = await ecsDrain(...args)
    const listed = stdout.slice(stdout.indexOf('Exit codes:')).matchAll(/^ {2}(\d+) /gm)
    expect([...listed].map(([, code]) => code)).toEqual(codes)
  })

  test('of simulate names every option', async () => {
    const { stdout } = await ecsDrain('simulate', '--help')
    for (const option of ['--controller', '--seed', '--set', '--variant', '--report', '--json', '--trace'])
      expect(stdout).toContain(option)
  })

  test.each([['simulate'], ['serve']])('of %s has examples that any shell takes: brackets are quoted', async (name) => {
    const { stdout } = await ecsDrain(name, '--help')
    const examples = stdout.match(/^ {2}ecs-drain .*--set.*$/gm) ?? []
    expect(examples).not.toEqual([])
    for (const example of examples) expect(example.replace(/'[^']*'/g, '')).not.toContain('[')
  })

  test('of storm shows the default of --shard as it is typed', async () => {
    const { stdout } = await ecsDrain('storm', '--help')
    expect(stdout.replace(/\s+/g, ' ')).toContain('only every n-th seed from the i-th on (default: 1/1)')
  })

  test('without a command is help as well', async () => {
    const { code, stderr, stdout } = await ecsDrain()
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('Usage: ecs-drain')
  })

  test('--version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await ecsDrain('--version')).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
  })
})

describe('scenarios', () => {
  test('lists every built-in one on a line of its own', async () => {
    const { code, stdout } = await ecsDrain('scenarios')
    expect(code).toBe(0)
    const files = readdirSync(new URL('../../scenarios', import.meta.url)).filter((name) => name.endsWith('.yaml'))
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => `${line.split(' ')[0]}.yaml`).toSorted()).toEqual(files.toSorted())
    for (const line of lines) expect(line).toMatch(/^[a-z0-9-]+ {2,}[A-Z1].*$/)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(110)
  })

  test('lists the same as JSON, with their variants', async () => {
    const { code, stdout } = await ecsDrain('scenarios', '--json')
    expect(code).toBe(0)
    const listed = JSON.parse(stdout) as ReadonlyArray<Readonly<Record<'name' | 'summary', string>>>
    const lines = (await ecsDrain('scenarios')).stdout.trimEnd().split('\n')
    expect(listed.map(({ name, summary }) => `${name} ${summary}`)).toEqual(
      lines.map((line) => line.replace(/ +/, ' ')),
    )
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'instance-refresh', variants: ['explicit-100', 'omitted', 'explicit-110'] }),
    )
    expect(listed).toContainEqual(expect.objectContaining({ name: 'ami-update', variants: [] }))
  })

  test('may be cut off by who reads them', async () => {
    const child = start(command, ['scenarios'], folder)
    child.stdout?.destroy()
    const { code, stderr } = await ended(child)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })
})

test.runIf(existsSync('/dev/full'))('output that cannot be written is told in one line: exit code 1', async () => {
  const { status, stderr } = spawnSync('sh', ['-c', '"$@" > /dev/full', 'sh', process.execPath, command, 'scenarios'])
  expect(stderr.toString()).toMatch(/^ecs-drain: the output could not be written: .*\n$/)
  expect(status).toBe(1)
})

describe('check', () => {
  test('lists the models, one line each', async () => {
    const { code, stdout } = await ecsDrain('check', '--list')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^all-faults +One instance with two tasks/m)
    expect(stdout.trimEnd().split('\n').length).toBeGreaterThanOrEqual(5)
  })

  test('a model that was seen whole is exit code 0, and says what was looked at', async () => {
    const { code, stdout } = await ecsDrain('check', 'two-instances')
    expect(code).toBe(0)
    expect(stdout).toContain('two-instances: S1 to S5 hold in every state, and L1 by events alone\n')
    expect(stdout).toContain('219,007 states, 758,770 transitions, depth 78')
    expect(stdout).toContain('0 doomed states')
  })

  test('one that a bound has cut is exit code 6, and says by which', async () => {
    const { code, stdout } = await ecsDrain('check', 'calm', '--depth', '12', '--json')
    expect(code).toBe(6)
    expect(JSON.parse(stdout)).toMatchObject({ model: 'calm', outcome: 'bounded', complete: false, cutBy: 'depth' })
  })

  test('without misfortunes is explored so, also where the model has none', async () => {
    const { code } = await ecsDrain('check', 'calm', '--misfortunes', '0')
    expect(code).toBe(0)
  })

  test.each([
    [['check', 'cal'], 'cal: there is no such model; did you mean calm?'],
    [['check', 'calm', '--states', 'many'], 'expected a whole number of 1 or more.'],
    [['check', 'calm', '--misfortunes', '9'], 'Allowed choices are 0, 1, 2, 3.'],
    [['check', 'calm', '--misfortunes', '2'], '--misfortunes: the model calm has none of which there could be more'],
    [['check', 'calm', '--plan', 'nowhere/plan.json'], 'there is no folder'],
  ])('%j is bad input', async (args, says) => {
    const { code, stdout, stderr } = await ecsDrain(...args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(says)
  })
})

describe.each(['deploy', 'explain'])('%s', (command) => {
  /** A package of that name in the folder where the user is. */
  const install = (manifest: Readonly<Record<string, unknown>>): void => {
    const home = join(folder, 'node_modules', '@ecs-drain', 'lambda')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name: '@ecs-drain/lambda', ...manifest }))
    writeFileSync(join(home, 'bin.mjs'), 'console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exitCode = 2')
  }

  test('is handed over, with all its arguments and its exit code, to the package that has it', async () => {
    install({ bin: { [`ecs-drain-${command}`]: './bin.mjs' } })
    const args = ['--bucket', 'b', '--yes', '--help', '-h', '--parameter', 'A=1', 'more']
    const { code, stdout, stderr } = await ecsDrain(command, ...args)
    expect(JSON.parse(stdout)).toEqual(args)
    expect(stderr).toBe('')
    expect(code).toBe(2)
  })

  test('a package that does not have it is too old', async () => {
    install({})
    const { code, stderr } = await ecsDrain(command)
    expect(stderr).toContain(`names no command ecs-drain-${command}: install a newer one`)
    expect(code).toBe(2)
  })

  // In a process of its own, because a package manager may tell this one of further places (NODE_PATH).
  test('without the package says what to install', () => {
    const handOver = new URL('../../src/cli/hand-over.ts', import.meta.url).href
    const place = JSON.stringify(join(folder, 'package.json'))
    const script = `import { binOf } from '${handOver}'; binOf('${command}', [${place}])`
    const { NODE_PATH: _, ...env } = process.env
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', env })
    expect(stderr).toContain(
      `BadInput: ${command}: @ecs-drain/lambda is not installed here: npm install --save-dev @ecs-drain/lambda`,
    )
  })
})

describe('interrupted', () => {
  test.each([
    ['SIGINT', 150],
    ['SIGINT', 400],
    ['SIGINT', 900],
    ['SIGTERM', 500],
    ['SIGTERM', 1400],
  ] as const)('by %s after %i ms leaves no half-written file', async (signal, ms) => {
    const child = start(command, ['simulate', 'ami-update', '--report', 'r.html', '--trace', 't.jsonl'], folder)
    const timer = setTimeout(() => child.kill(signal), ms)
    const { code, signal: endedBy } = await ended(child)
    clearTimeout(timer)
    expect(endedBy === signal || code === 0 || code === (signal === 'SIGINT' ? 130 : 143)).toBe(true)
    for (const file of filesThere()) {
      expect(['r.html', 't.jsonl']).toContain(file)
      const text = readFileSync(join(folder, file), 'utf8')
      expect(text).toMatch(file === 'r.html' ? /<\/html>\s*$/ : /\}\n$/)
    }
  })

  test('an old file stays until the new one is whole', async () => {
    writeFileSync(join(folder, 'r.html'), 'old')
    const child = start(command, ['simulate', 'ami-update', '--report', 'r.html'], folder)
    const timer = setTimeout(() => child.kill('SIGINT'), 300)
    await ended(child)
    clearTimeout(timer)
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toMatch(/^old$|<\/html>\s*$/)
  })
})
