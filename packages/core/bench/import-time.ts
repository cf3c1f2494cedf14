/**
 * How long importing the built ESM entry takes, in a fresh process each time; at most 30 ms. Ends with 1 if it is more.
 *
 *     pnpm build && node packages/core/bench/import-time.ts
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

const millisecondsMax = 30
const rounds = 25

const entry = fileURLToPath(new URL('../dist/index.js', import.meta.url))
if (!existsSync(entry)) throw new Error(`${entry} is not there: build first`)

const program = (imported: string): string => `
  const began = performance.now()
  await import(${JSON.stringify(imported)})
  console.log(performance.now() - began)
`

const once = (imported: string): number => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program(imported)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

const quantile = (sorted: ReadonlyArray<number>, of: number): number =>
  sorted[Math.floor((sorted.length - 1) * of)] ?? 0

// An empty module, for what the import of anything costs; the two in turns, so that a busy moment strikes both.
const times = Array.from({ length: rounds }, () => ({
  core: once(pathToFileURL(entry).href),
  nothing: once('data:text/javascript,'),
}))
const sorted = (which: 'core' | 'nothing') => times.map((each) => each[which]).sort((a, b) => a - b)

for (const which of ['core', 'nothing'] as const) {
  const [median, p90] = [0.5, 0.9].map((of) => quantile(sorted(which), of).toFixed(1))
  console.log(`import of ${which}: median ${median} ms, p90 ${p90} ms (${rounds} processes, Node ${process.version})`)
}
if (quantile(sorted('core'), 0.5) > millisecondsMax) process.exitCode = 1
