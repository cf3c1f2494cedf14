/** The function built as it is deployed, into a folder of its own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

export interface BuiltFunction {
  /** Holds `index.mjs` and what it imports. */
  readonly bundle: string
  readonly zip: Buffer
  readonly remove: () => void
}

/** Builds with tsup, as `pnpm build` does, in this environment and what is given besides. */
export const buildFunction = (given: Readonly<Record<string, string>> = {}): BuiltFunction => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-function-'))
  const { status, stdout, stderr } = spawnSync('tsup', [], {
    cwd: packageFolder,
    encoding: 'utf8',
    env: { ...process.env, ...given, ECS_DRAIN_BUNDLE_OUT: folder },
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`tsup: ${stdout}${stderr}`)
  return {
    bundle: join(folder, 'bundle'),
    zip: readFileSync(join(folder, 'ecs-drain-lambda.zip')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** An environment in which the function starts. */
export const environment: Readonly<Record<string, string>> = {
  AWS_REGION: 'eu-west-1',
  ECS_DRAIN_CLUSTERS: 'web',
  ECS_DRAIN_HOOK: 'drain',
  ECS_DRAIN_GROUPS: 'web-hosts',
  ECS_DRAIN_TABLE: 'ecs-drain',
  ECS_DRAIN_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/ecs-drain',
}

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script in a fresh Node, in no environment but the one given, as Lambda would. */
export const runNode = (script: string, given: Readonly<Record<string, string>>): Ran => {
  const { PATH = '' } = process.env
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { PATH, ...given },
  })
}
