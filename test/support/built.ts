// The tests of what is published need it built. With nothing changed this takes half a second.
import { spawnSync } from 'node:child_process'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    readonly built: boolean
  }
}

/** Builds. A failure fails the tests that need the build, not those that read sources. */
export default ({ provide }: TestProject): void => {
  const { status } = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  provide('built', status === 0)
}
