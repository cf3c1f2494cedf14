// The tests that `pnpm stryker` runs against each of its mutants: those of core that a mutant of the drain logic can fail.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@ecs-drain/source'] },
  ssr: { resolve: { conditions: ['@ecs-drain/source'] } },
  test: {
    include: ['packages/core/test/{drain,effect,invocation,application,observation}/**/*.test.ts'],
    // A mutant is in the code that is run, not in the files that such a cache goes by.
    fsModuleCache: false,
    testTimeout: 60_000,
  },
})
