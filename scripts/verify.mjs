// Everything that must hold, in one command: `npm test` installs and runs this; `pnpm verify` runs it as it is.
// Each check counts as one test, so that the last line tells the whole truth: `N passed, N failed, N skipped`.
// Arguments go to vitest.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installDebianPackage, isThere } from './debian-package.mjs'
import { ensureChromium } from './install-chromium.mjs'
import { run, step } from './steps.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const turbo = (...tasks) => ['turbo', 'run', ...tasks, '--output-logs=errors-only']

const tests = async (args) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-counts-'))
  const file = join(folder, 'counts.json')
  try {
    const { code } = await run('vitest', ['run', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ECS_DRAIN_COUNTS: file },
    })
    const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 0, skipped: 0 }
    // An exit code that no failed test explains: an error outside of tests, or vitest itself did not start.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const failedChecks = []

const check = async (name, ...commands) => {
  const code = await step(name, commands, { always: true })
  if (code !== 0) failedChecks.push(name)
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
}

const chromium = () => {
  if (ensureChromium() === undefined) process.stderr.write('ecs-drain: no Chromium, the browser test is left out\n')
}

/** The second opinion on the model checker; it needs a C compiler as well. */
const spin = () => {
  if (!isThere('spin') && !installDebianPackage('spin')) {
    process.stderr.write('ecs-drain: no Spin, the comparison with it is left out\n')
  }
}

const built = await check('build', turbo('build'))
const checks = await Promise.all([
  check('types', turbo('typecheck'), ['tsc', '-p', '.'], ['tsc', '-p', 'test/fixtures']),
  check('lint and format', ['biome', 'check', '--error-on-warnings'], ['oxlint', '--type-aware', '--deny-warnings']),
  check('API reference', ['typedoc', '--emit', 'none']),
])
chromium()
spin()
const all = [built, ...checks, await tests(process.argv.slice(2))]

// Their words were printed first, a screenful of tests ago.
for (const name of failedChecks) process.stderr.write(`ecs-drain: ${name} FAILED, see above\n`)

const total = (of) => all.reduce((sum, counts) => sum + counts[of], 0)
const summary = `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`
// Under run.mjs that prints it, after the last word of everything else.
const words = process.env.ECS_DRAIN_RUN_WORDS
if (words === undefined) console.log(summary)
else writeFileSync(join(words, 'summary'), summary)
process.exitCode = total('failed') > 0 ? 1 : 0
