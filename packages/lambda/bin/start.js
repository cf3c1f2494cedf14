// Committed, so that a package manager can link the commands before the first build.
import { existsSync } from 'node:fs'

/** Runs what was built of `src/<name>.ts`. */
export const start = async (name) => {
  const built = new URL(`../dist/${name}.js`, import.meta.url)
  if (existsSync(built)) await import(built.href)
  else {
    console.error('ecs-drain: not built yet. Run "pnpm build" in the repository first.')
    process.exitCode = 1
  }
}
