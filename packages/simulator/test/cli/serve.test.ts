import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildCommand, ended, start } from './built-command.ts'

let command = ''
beforeAll(async () => {
  command = await buildCommand()
}, 60_000)

interface Serving {
  readonly url: string
  readonly stdout: string
  readonly stop: (signal: NodeJS.Signals) => ReturnType<typeof ended>
}

const serve = async (...args: ReadonlyArray<string>): Promise<Serving> => {
  const child = start(command, ['serve', ...args], tmpdir())
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const end = ended(child)
  const stdout = await new Promise<string>((listening, failed) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (text.includes('Ctrl-C')) listening(text)
    })
    end.then(({ stderr }) => failed(new Error(stderr)), failed)
  })
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout)?.[0] ?? ''
  return {
    url,
    stdout,
    stop: (signal) => {
      child.kill(signal)
      return end
    },
  }
}

const run = (...args: ReadonlyArray<string>) => ended(start(command, ['serve', ...args], tmpdir()))

describe('ecs-drain serve', () => {
  test('says where it is and what to export, serves, and ends with 130 at Ctrl-C', async () => {
    const { url, stdout, stop } = await serve('ami-update', '--pace', 'stepped', '--set', 'happenings=[]')
    expect(stdout).toBe(
      [
        `ecs-drain: ami-update is served at ${url}`,
        `export AWS_ENDPOINT_URL=${url} AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1`,
        'export AWS_ACCESS_KEY_ID=simulated AWS_SECRET_ACCESS_KEY=simulated',
        `inbox: ${url}/123456789012/ecs-drain-inbox`,
        'time: stepped: POST /_ecs-drain/clock moves it',
        'state: GET /_ecs-drain/state; Ctrl-C ends it',
        '',
      ].join('\n'),
    )
    const moved = await fetch(`${url}/_ecs-drain/clock`, { method: 'POST', body: '{"seconds": 90}' })
    expect(await moved.json()).toMatchObject({ seconds: 90, settled: false })
    const state = (await (await fetch(`${url}/_ecs-drain/state`)).json()) as {
      groups: ReadonlyArray<{ instances: ReadonlyArray<unknown> }>
    }
    expect(state.groups[0]?.instances).toHaveLength(2)
    // A connection that a client keeps open does not keep it alive.
    expect(await stop('SIGINT')).toMatchObject({ code: 130, signal: null, stderr: '' })
  })

  test('says which variant of a scenario it serves, and which there are besides', async () => {
    const { stdout } = await serve('single-task-service', '--pace', 'stepped')
    expect(stdout).toContain('\nvariant: 100-200; --variant serves another: 50-100, 0-100, 100-150\n')
    const chosen = await serve('single-task-service', '--pace', 'stepped', '--variant', '0-100')
    expect(chosen.stdout).toMatch(/^variant: 0-100; /m)
  })

  test('ends with 143 when it is terminated, and time runs by itself', async () => {
    const { url, stop } = await serve('--pace', '500')
    const seconds = async () => ((await (await fetch(`${url}/_ecs-drain/clock`)).json()) as { seconds: number }).seconds
    const before = await seconds()
    await new Promise((done) => setTimeout(done, 50))
    expect(await seconds()).toBeGreaterThan(before + 20)
    expect((await stop('SIGTERM')).code).toBe(143)
  })

  test('tells its inbox only what that subscribes to', async () => {
    const { url } = await serve('--pace', 'stepped', '--subscribes', 'termination,launch')
    await fetch(`${url}/_ecs-drain/clock`, { method: 'POST', body: '{"seconds": 300}' })
    const trace = await (await fetch(`${url}/_ecs-drain/trace`)).text()
    const kinds = [...trace.matchAll(/"message-sent".*"of":"([a-z-]+)"/g)].map(([, kind]) => kind)
    expect([...new Set(kinds)]).toEqual(['termination'])
  })

  test('says why a function that it calls has failed, and goes on', async () => {
    const where = ['--set', 'groups[0].hooks[0].notifies=lambda', '--subscribes', 'termination']
    const fails = createServer((socket) => socket.destroy())
    await new Promise<void>((done) => {
      fails.listen(0, '127.0.0.1', done)
    })
    onTestFinished(() => {
      fails.close()
    })
    const { port } = fails.address() as AddressInfo
    const { url, stop } = await serve('--pace', 'stepped', '--invoke', `http://127.0.0.1:${port}/`, ...where)
    await fetch(`${url}/_ecs-drain/clock`, { method: 'POST', body: '{"seconds": 180}' })
    const ended = async () =>
      (await (await fetch(`${url}/_ecs-drain/trace`)).text()).split('"invocation-ended"').length - 1
    await expect.poll(ended, { timeout: 5000 }).toBe(2)
    const { code, stderr } = await stop('SIGINT')
    expect(code).toBe(130)
    expect(stderr).toMatch(/^(ecs-drain: the function failed: \w.*\n){2}$/)
  })

  test('a function that it calls, and that takes its time, does not keep it from ending', async () => {
    const where = ['--set', 'groups[0].hooks[0].notifies=lambda', '--subscribes', 'termination']
    let calls = 0
    const silent = createServer(() => {
      calls += 1
    })
    await new Promise<void>((done) => {
      silent.listen(0, '127.0.0.1', done)
    })
    onTestFinished(() => {
      silent.closeAllConnections()
      silent.close()
    })
    const { port } = silent.address() as AddressInfo
    const { url, stop } = await serve('--pace', 'stepped', '--invoke', `http://127.0.0.1:${port}/`, ...where)
    await fetch(`${url}/_ecs-drain/clock`, { method: 'POST', body: '{"seconds": 180}' })
    await expect.poll(() => calls, { timeout: 5000 }).toBe(2)
    expect((await stop('SIGINT')).code).toBe(130)
  })

  test.each(['real', '20'])('at the pace %s the world begins now', async (pace) => {
    const { url } = await serve('--pace', pace)
    const { now } = (await (await fetch(`${url}/_ecs-drain/clock`)).json()) as { readonly now: string }
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(600_000)
  })

  test('a client that waits for a message does not keep it from ending', async () => {
    // Twenty seconds of the world are longer than any test may last.
    const { url, stop } = await serve('--pace', '0.1')
    const waiting = fetch(url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
      body: JSON.stringify({ QueueUrl: `${url}/123456789012/ecs-drain-inbox`, WaitTimeSeconds: 20 }),
    })
    waiting.catch(() => {})
    // Served after it.
    await fetch(`${url}/_ecs-drain/clock`)
    expect((await stop('SIGINT')).code).toBe(130)
    await expect(waiting).rejects.toThrow()
  })

  test('a port in use is told, exit code 2', async () => {
    const other = createServer()
    await new Promise<void>((done) => {
      other.listen(0, '127.0.0.1', done)
    })
    onTestFinished(() => {
      other.close()
    })
    const { port } = other.address() as AddressInfo
    expect(await run('--listen-port', String(port))).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `ecs-drain: --listen-port ${port}: the port is in use; --listen-port 0 takes a free one\n`,
    })
  })

  test.each([
    [['--pace', 'fast'], 'expected real, stepped, or a number above 0 and up to 10000'],
    [['--pace', '0'], 'expected real, stepped'],
    [['--invoke', 'my-function'], 'expected the URL of a function'],
    [['--subscribes', 'terminations'], "got 'terminations'; did you mean termination?"],
    [['--subscribes', 'wake-up'], 'expected one or more of termination,launch,task-stopped,container-instance,sweep'],
    [['--listen-port', '70000'], 'expected a port from 0 to 65535'],
    [['ami-updat'], 'did you mean ami-update'],
    [['--set', 'groups[0].desired=many'], 'groups[0].desired: expected an integer'],
    [['--variant', 'none'], 'has no variants'],
  ])('%j is bad input', async (args, why) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(why)
  })
})
