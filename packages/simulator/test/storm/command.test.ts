// `ecs-drain storm` as a process, over core as it is and over core with a defect in it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Edit, mutants } from '../../mutants/mutants.ts'
import { promiseNames } from '../../src/promise/promise.ts'
import { campaignText } from '../../src/storm/campaign-file.ts'
import type { StormFailure } from '../../src/storm/run-seed.ts'
import { emptyTally } from '../../src/storm/tally.ts'
import { buildCommand, type Ended, ended, start } from '../cli/built-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-storm-'))
afterAll(() => rmSync(folder, { recursive: true }))

const editsOf = (name: string): ReadonlyArray<Edit> => mutants.find((mutant) => mutant.name === name)?.edits ?? []

const failureOf = (seed: number, broke: StormFailure['broke']): StormFailure => ({
  seed,
  profile: 'swarm',
  broke,
  witness: 'planted',
})

const run = (file: string, ...args: ReadonlyArray<string>): Promise<Ended> => ended(start(file, args, folder))

describe('over core as it is', () => {
  let command = ''
  beforeAll(async () => {
    command = await buildCommand([], 'storm')
  })

  test('any number of workers and shards comes to the same', { timeout: 120_000 }, async () => {
    const storm = ['storm', '--seeds', '60', '--first-seed', '1000']
    const one = await run(command, ...storm, '--workers', '1', '--output', 'one.json')
    const two = await run(command, ...storm, '--workers', '2', '--output', 'two.json')
    expect([one.code, two.code]).toEqual([0, 0])
    const result = readFileSync(join(folder, 'one.json'), 'utf8')
    expect(readFileSync(join(folder, 'two.json'), 'utf8')).toBe(result)
    for (const shard of [1, 2, 3]) {
      const { code } = await run(command, ...storm, '--shard', `${shard}/3`, '--output', `part-${shard}.json`)
      expect(code).toBe(0)
    }
    const merged = await run(
      command,
      'storm',
      'merge',
      'part-3.json',
      'part-1.json',
      'part-2.json',
      '--output',
      'm.json',
    )
    expect([merged.code, merged.stderr]).toEqual([0, ''])
    expect(readFileSync(join(folder, 'm.json'), 'utf8')).toBe(result)
    expect(one.stdout.replace('one.json', 'm.json')).toBe(merged.stdout)
    expect(one.stderr).toMatch(/60 seeds in .* on 1 worker /)
  })

  test('the report is one file without script or network, and calls out what was never met', {
    timeout: 60_000,
  }, async () => {
    const { code, stdout } = await run(command, 'storm', '--seeds', '4', '--report', 'storm.html')
    expect(code).toBe(0)
    expect(stdout).toContain('Never met: ')
    const html = readFileSync(join(folder, 'storm.html'), 'utf8')
    expect(html).toContain('Never met, so nothing is shown of it: ')
    expect(html).not.toMatch(/<script|https?:\/\//)
  })

  test('a shard that has no seed does not say that every promise held', { timeout: 60_000 }, async () => {
    const { code, stdout } = await run(command, 'storm', '--seeds', '2', '--shard', '3/3')
    expect(code).toBe(0)
    expect(stdout).toMatch(/No seed was run\.\n$/)
  })

  test('--json is what --output writes', { timeout: 60_000 }, async () => {
    const { stdout } = await run(command, 'storm', '--seeds', '4', '--json', '--output', 'json.json')
    expect(stdout).toBe(readFileSync(join(folder, 'json.json'), 'utf8'))
  })

  test.each([
    [['storm', '--seeds', '0'], /expected a whole number of 1 or more/],
    [['storm', '--shard', '3/2'], /expected i\/n with i from 1 to n/],
    [['storm', '--first-seed', '4294967295', '--seeds', '2'], /--seeds 2: expected at most 1 from seed 4294967295 on/],
    [['storm', '--output', 'nowhere/x.json'], /--output nowhere\/x\.json: there is no folder/],
    [['storm', '--plans', ''], /--plans <folder>' argument '' is invalid\. expected the name of a folder\./],
    [['storm', '--plans', 'nowhere'], /--plans nowhere: there is no folder/],
    [['storm', 'merge', 'none.json', '.'], /none\.json: there is no such file\n.*\.: cannot be read: EISDIR/],
    [['storm', 'merge', 'none.json', '--seeds', '4'], /--seeds: merge runs no seeds, and takes no such option/],
    [['storm', 'merge', 'spoilt.json'], /spoilt\.json: format: expected/],
  ])('%j is bad input', async (args, message) => {
    writeFileSync(join(folder, 'spoilt.json'), '{"format": 1}')
    const { code, stderr, stdout } = await run(command, ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  test.each(['--output', '--report'])('merge does not write its %s onto a result that it reads', async (option) => {
    const campaign = { firstSeed: 0, seeds: 0, shard: { index: 1, count: 1 } }
    const result = campaignText({ campaign, sample: '0123456789abcdef', tally: emptyTally })
    writeFileSync(join(folder, 'part.json'), result)
    const { code, stderr } = await run(command, 'storm', 'merge', 'part.json', option, './part.json')
    expect([code, stderr]).toEqual([
      2,
      `ecs-drain: ${option} ./part.json: expected another file than part.json, which is read\n`,
    ])
    expect(readFileSync(join(folder, 'part.json'), 'utf8')).toBe(result)
  })

  test.each([
    ['S2 floor', 3],
    ['L1 completes when the tasks have stopped', 4],
    ['threw', 7],
  ] as const)(
    'merged shards in which %s was found end with %i, however many other failures came first',
    async (broke, expected) => {
      const { campaign, tally } = {
        campaign: { firstSeed: 0, seeds: 0, shard: { index: 1, count: 1 } },
        tally: emptyTally,
      }
      const at = promiseNames.indexOf('L3 the hook does not time out')
      const failures = Array.from({ length: 100 }, (_, seed) => failureOf(seed, 'L3 the hook does not time out'))
      const many = {
        ...tally,
        broken: tally.broken.map((_, index) => (index === at ? 100 : promiseNames[index] === broke ? 1 : 0)),
        threw: broke === 'threw' ? 1 : 0,
        failures: [...failures, failureOf(4000, broke)],
      }
      writeFileSync(join(folder, 'many.json'), campaignText({ campaign, sample: '0123456789abcdef', tally: many }))
      const { code, stdout } = await run(command, 'storm', 'merge', 'many.json')
      expect(stdout).toContain('--first-seed 4000')
      expect(code).toBe(expected)
    },
  )

  test('Ctrl-C ends it with 130 and leaves nothing half done', { timeout: 60_000 }, async () => {
    const child = start(command, ['storm', '--seeds', '100000', '--output', 'never.json'], folder)
    const end = ended(child)
    await new Promise((resolve) => child.stderr?.once('data', resolve))
    child.kill('SIGINT')
    const { code, stderr } = await end
    expect(code).toBe(130)
    expect(stderr).toMatch(/interrupted after \d+ of 100000 seeds; nothing was written/)
    expect(readdirSync(folder)).not.toContain('never.json')
  })
})

describe('over core with a defect', () => {
  test('an early completion is found, made small, saved, and replayed: exit code 3', { timeout: 120_000 }, async () => {
    const command = await buildCommand(editsOf('counts-running-only'), 'storm-safety')
    const { code, stdout } = await run(command, 'storm', '--seeds', '20')
    expect(code).toBe(3)
    const again = /^Again: npx ecs-drain (simulate (storm-\d+-S1\.json) --controller ecs-drain)$/m.exec(stdout)
    if (again?.[1] === undefined || again[2] === undefined) throw new Error(stdout)
    const plan = JSON.parse(readFileSync(join(folder, again[2]), 'utf8')) as {
      readonly groups: ReadonlyArray<{ readonly desired: number }>
      readonly faults: { readonly only: ReadonlyArray<number> | null }
    }
    expect(plan.groups.reduce((sum, { desired }) => sum + desired, 0)).toBeLessThanOrEqual(2)
    expect(plan.faults.only?.length ?? 0).toBeLessThanOrEqual(3)
    const replayed = await run(command, ...again[1].split(' '))
    expect(replayed.code).toBe(3)
    expect(replayed.stdout).toContain('ecs-drain BROKE S1 no early completion')
  })

  test('what is printed replays the plan in a shell, also from a folder with a space in its name', {
    timeout: 120_000,
  }, async () => {
    const command = await buildCommand(editsOf('counts-running-only'), 'storm-safety')
    mkdirSync(join(folder, 'my plans'))
    const storm = await run(command, 'storm', '--seeds', '20', '--plans', 'my plans')
    const check = await run(command, 'check', 'calm', '--plan', 'my plans/check.json')
    const [, fromStorm = ''] = /^Again: npx ecs-drain (.*)$/m.exec(storm.stdout) ?? []
    const [, fromCheck = ''] = /npx ecs-drain (.*)$/m.exec(check.stderr) ?? []
    const inShell = (again: string) =>
      spawnSync('sh', ['-c', `"$0" "$1" ${again}`, process.execPath, command], { cwd: folder, encoding: 'utf8' })
    expect(inShell(fromStorm)).toMatchObject({ status: 3, stderr: '' })
    expect(inShell(fromCheck)).toMatchObject({
      status: 3,
      stdout: expect.stringContaining('ecs-drain BROKE S1 no early completion'),
      stderr: '',
    })
  })

  test('its shards are not added to those of another core', { timeout: 120_000 }, async () => {
    const [sound, defective] = await Promise.all([
      buildCommand([], 'storm-shard-sound'),
      buildCommand(editsOf('counts-running-only'), 'storm-shard-defective'),
    ])
    await run(sound, 'storm', '--seeds', '2', '--shard', '1/2', '--output', 'sound.json')
    await run(defective, 'storm', '--seeds', '2', '--shard', '2/2', '--output', 'defective.json')
    const { code, stderr } = await run(sound, 'storm', 'merge', 'sound.json', 'defective.json')
    expect(stderr).toMatch(/^ecs-drain: defective\.json: expected the same ecs-drain as that of sound\.json /)
    expect(code).toBe(2)
  })

  test('it is told when it is found, however far the end is', { timeout: 120_000 }, async () => {
    const command = await buildCommand(editsOf('counts-running-only'), 'storm-at-once')
    const child = start(command, ['storm', '--seeds', '1000000'], folder)
    const end = ended(child)
    await new Promise<void>((resolve) =>
      child.stderr?.on('data', (text) => {
        if (/ecs-drain: seed \d+ .* broke S1 no early completion: at /.test(`${text}`)) resolve()
      }),
    )
    child.kill('SIGINT')
    expect((await end).code).toBe(130)
  })

  test('Ctrl-C while a seed is made smaller ends it at once', { timeout: 120_000 }, async () => {
    const command = await buildCommand(editsOf('counts-running-only'), 'storm-safety')
    mkdirSync(join(folder, 'interrupted'))
    const child = start(command, ['storm', '--seeds', '20', '--plans', 'interrupted'], folder)
    const end = ended(child)
    await new Promise<void>((resolve) =>
      child.stderr?.on('data', (text) => {
        if (`${text}`.includes('20 seeds in ')) resolve()
      }),
    )
    child.kill('SIGINT')
    expect(await end).toMatchObject({ signal: 'SIGINT', stdout: '' })
    expect(readdirSync(join(folder, 'interrupted'))).toEqual([])
  })

  test('a drain that never ends is told apart: exit code 4', { timeout: 120_000 }, async () => {
    const command = await buildCommand(editsOf('gives-up-after-three'), 'storm-liveness')
    const { code, stdout } = await run(command, 'storm', '--seeds', '300')
    expect(stdout).toMatch(/broke L\d/)
    expect(code).toBe(4)
    // What fails three times is in the plan as three calls that fail.
    const [, again = '', promise = ''] =
      /^Again: npx ecs-drain (simulate storm-\d+-(L\d)\.json .*)$/m.exec(stdout) ?? []
    const replayed = await run(command, ...again.split(' '))
    expect(replayed.code).toBe(3)
    expect(replayed.stdout).toContain(`ecs-drain BROKE ${promise}`)
  })

  test('an exception is told apart: exit code 7', { timeout: 120_000 }, async () => {
    const command = await buildCommand(
      [
        {
          file: 'drain/decide.ts',
          find: "case 'SweptWaiting':\n      return hasUseForSweep",
          put: "case 'SweptWaiting':\n      if (at > 0) throw new Error('planted')\n      return hasUseForSweep",
        },
      ],
      'storm-exception',
    )
    const { code, stdout } = await run(command, 'storm', '--seeds', '20')
    expect(stdout).toMatch(/threw Error: planted/)
    expect(code).toBe(7)
  })
})
