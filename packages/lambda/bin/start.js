// Committed, so that a package manager can link the commands before the first build.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const packageName = '@ecs-drain/lambda'

/**
 * Runs what was built of `src/<name>.ts`. In a checkout of the repository it is built first, where it is missing or where `afresh` asks
 * for what the sources say now; a package that was installed has no sources, and what was built came with it.
 */
export const start = async (name, { afresh = false } = {}) => {
  const built = new URL(`../dist/${name}.js`, import.meta.url)
  const isCheckout = existsSync(new URL(`../src/${name}.ts`, import.meta.url)) && existsSync(builder)
  if (isCheckout && (afresh || !existsSync(built)) && !build()) process.exitCode = 1
  else if (existsSync(built)) await import(built.href)
  else {
    console.error(`ecs-drain: ${fileURLToPath(built)} is missing. Install ${packageName} again.`)
    process.exitCode = 1
  }
}

/** What `npm start` builds with; it tells its progress on stderr. */
const builder = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url))

const build = () =>
  spawnSync(process.execPath, [builder, 'build', packageName], { stdio: ['ignore', 2, 2] }).status === 0
