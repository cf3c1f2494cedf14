// What `npm start` and `npm test` call, and the commands of a package that `npm start` does not build. Needs nothing but Node (18 or later) and npm: fetches the pinned pnpm through
// npx, installs, builds, and hands over to the pinned Node. Its own words go to stderr, so that
// `npm start --silent -- --json` prints JSON and nothing else.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { interrupted, run, step } from './steps.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const { devEngines, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const pnpm = `pnpm@${devEngines.packageManager.version}`

const simulateByDefault = ['ami-update', '--controller', 'all', '--report', 'report.html']

// A folder in which the part that runs under npx leaves word for the part that started it.
const wordsVariable = 'ECS_DRAIN_RUN_WORDS'

const quietTools = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' }

const start = async (args) => {
  const built = await build(['@ecs-drain/simulator'])
  if (built !== 0) return built
  const node = pinnedNode() ?? process.execPath
  const command = join(root, 'packages', 'simulator', 'bin', 'ecs-drain.js')
  const given = args.length > 0 ? args : simulateByDefault
  return (await run(node, [command, 'simulate', ...given], { stdio: 'inherit', shell: false })).code
}

/** Builds one package of ours and those that it needs; says so on stderr where it takes a while. */
const build = (args) => withWords((words) => underPnpm('prepare', args, words))

const test = (args) =>
  withWords(async (words) => {
    const code = await underPnpm('verify', args, words)
    const summary = join(words, 'summary')
    const line = existsSync(summary) ? readFileSync(summary, 'utf8') : '0 passed, 1 failed, 0 skipped'
    console.log(line)
    return code
  })

/** Starts this file again with the pinned pnpm on its PATH: one npx serves all that follows. */
const underPnpm = async (mode, args, words) => {
  const announce = setTimeout(() => {
    if (!existsSync(join(words, 'started')))
      process.stderr.write(`ecs-drain: starting ${pnpm}, which the first run fetches ...\n`)
  }, 1500)
  // --prefer-offline: without it a machine that is offline waits a minute for the registry.
  const { code } = await run('npx', ['-y', '--prefer-offline', '-p', pnpm, '-c', `node scripts/run.mjs ${mode}`], {
    cwd: root,
    env: { ...process.env, ...quietTools, [wordsVariable]: words, ECS_DRAIN_RUN_ARGS: JSON.stringify(args) },
    stdio: ['ignore', mode === 'verify' ? 'inherit' : 2, 'inherit'],
  })
  clearTimeout(announce)
  if (code !== 0 && code !== interrupted && !existsSync(join(words, 'started'))) {
    process.stderr.write(`ecs-drain: npx could not start ${pnpm}; the first run needs the network\n`)
  }
  return code
}

const withWords = async (use) => {
  const words = mkdtempSync(join(tmpdir(), 'ecs-drain-'))
  try {
    return await use(words)
  } finally {
    rmSync(words, { recursive: true, force: true })
  }
}

const prepare = async () => {
  const installed = await install()
  if (installed !== 0) return installed
  // Only what is run: the function and its SDK take most of the time of a whole build.
  const filters = argsGiven().map((name) => `--filter=${name}`)
  return step('building', [['turbo', 'run', 'build', ...filters, '--output-logs=errors-only']], { env: withTools() })
}

const verify = async () => {
  const installed = await install()
  if (installed !== 0) return installed
  const node = pinnedNode() ?? process.execPath
  const options = { stdio: 'inherit', shell: false, env: withTools() }
  return (await run(node, [join(root, 'scripts', 'verify.mjs'), ...argsGiven()], options)).code
}

const argsGiven = () => JSON.parse(process.env.ECS_DRAIN_RUN_ARGS ?? '[]')

const install = async () => {
  writeFileSync(join(process.env[wordsVariable], 'started'), '')
  const code = await step('installing packages', [['pnpm', 'install', '--frozen-lockfile']])
  if (code !== 0) return code
  if (pinnedNode() === undefined && !isRecentEnough(process.versions.node)) {
    process.stderr.write(`ecs-drain: needs Node ${engines.node}, this is ${process.versions.node}\n`)
    return 1
  }
  return 0
}

/** The Node that the lockfile brings along on glibc Linux; undefined where there is none or it does not run. */
const pinnedNode = () => {
  const node = join(bin, 'node')
  return existsSync(node) && spawnSync(node, ['--version']).status === 0 ? node : undefined
}

const isRecentEnough = (version) => {
  const [major, minor] = version.split('.').map(Number)
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26
}

const withTools = () => {
  const variable = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  return { ...process.env, [variable]: `${bin}${delimiter}${process.env[variable] ?? ''}` }
}

const modes = { start, build, test, prepare, verify }
const [mode, ...args] = process.argv.slice(2)
if (!Object.hasOwn(modes, mode ?? '')) {
  console.error('usage: node scripts/run.mjs start|build|test [arguments]')
  process.exitCode = 2
} else process.exitCode = await modes[mode](args)
