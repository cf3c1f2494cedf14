// What it takes to import the function and build its clients, as it is deployed and from node_modules, each in fresh
// processes, turn about. The aim: at most 0.6 of the time. `pnpm exec node packages/lambda/bench/cold-start.ts`, after a build.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { buildFunction, environment } from '../test/support/built-function.ts'

const runs = 20
const ratioMost = 0.6

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
// Below the package, so that what is left out is found in its node_modules.
const parent = join(packageFolder, 'node_modules', '.cache')
mkdirSync(parent, { recursive: true })
const folder = mkdtempSync(join(parent, 'cold-start-'))

/** The same function with every package left where it was installed. fp-ts, which Node cannot import, comes along. */
const unbundled = async (): Promise<string> => {
  const outfile = join(folder, 'unbundled.mjs')
  await build({
    entryPoints: [join(packageFolder, 'src', 'function.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    external: ['@ecs-drain/*', '@aws-sdk/*', '@smithy/*', '@aws-lambda-powertools/*'],
    logLevel: 'silent',
  })
  return outfile
}

const empty = (): string => {
  const file = join(folder, 'empty.mjs')
  writeFileSync(file, 'export {}\n')
  return file
}

interface Cost {
  readonly wall: number
  /** Of all threads; on a busy machine the truer figure. */
  readonly cpu: number
}

const costOfImport = (file: string): Cost => {
  const script = `
    const cpu = process.cpuUsage()
    const begun = performance.now()
    await import(${JSON.stringify(pathToFileURL(file).href)})
    const wall = performance.now() - begun
    const { user, system } = process.cpuUsage(cpu)
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Cost
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const built = buildFunction()
try {
  const variants: ReadonlyArray<readonly [string, string]> = [
    ['an empty module', empty()],
    ['as deployed', join(built.bundle, 'index.mjs')],
    ['from node_modules', await unbundled()],
  ]
  const costs = new Map<string, Array<Cost>>(variants.map(([name]) => [name, []]))
  // The first round warms the disk's cache and is not counted.
  for (let run = -1; run < runs; run += 1) {
    for (const [name, file] of variants) {
      const cost = costOfImport(file)
      if (run >= 0) costs.get(name)?.push(cost)
    }
  }
  const medians = (name: string): Cost => {
    const measured = costs.get(name) ?? []
    return { wall: median(measured.map(({ wall }) => wall)), cpu: median(measured.map(({ cpu }) => cpu)) }
  }
  for (const [name] of variants) {
    const { wall, cpu } = medians(name)
    console.log(`${name}: median ${wall.toFixed(1)} ms, of CPU time ${cpu.toFixed(1)} ms`)
  }
  const [deployed, installed] = [medians('as deployed'), medians('from node_modules')]
  const ratio = deployed.wall / installed.wall
  console.log(`as deployed / from node_modules: ${ratio.toFixed(2)} (at most ${ratioMost})`)
  console.log(`the same of CPU time: ${(deployed.cpu / installed.cpu).toFixed(2)}`)
  console.log(`zip: ${built.zip.byteLength} bytes`)
  process.exitCode = ratio <= ratioMost ? 0 : 1
} finally {
  built.remove()
  rmSync(folder, { recursive: true, force: true })
}
