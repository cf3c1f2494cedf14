/** Tasks of no service (RunTask, a schedule). ECS places them once they fit, and never stops them by itself. */
import type { Core } from './core.ts'
import { SERVICE_RETRY, STANDALONE_STARTS } from './occurrences.ts'
import type { Placement } from './placement.ts'
import type { JobRecord } from './records.ts'
import type { Tasks } from './tasks.ts'

export interface StandaloneTasks {
  schedule(): void
  starts(job: JobRecord, attempt: number): void
}

/** Retries of standalone tasks share the services' kind of occurrence; these numbers tell them apart. */
export const jobNumberOf = (word: number): number => -1 - word

export const createStandaloneTasks = (core: Core, tasks: Tasks, placement: Placement): StandaloneTasks => {
  const { settings, after, jobs, plan } = core
  const backoff = settings.time('scheduler.backoff')

  plan.standaloneTasks.forEach((each, index) => {
    const { runsSeconds, exitSeconds } = each
    jobs.push({
      number: index,
      plan: each,
      runs: settings.seconds(runsSeconds, `job ${index} runs`),
      exit: settings.seconds(exitSeconds, `job ${index} exit`),
    })
  })

  return {
    schedule: () => {
      for (const job of jobs) {
        for (let nth = 0; nth < job.plan.count; nth += 1) {
          after(Math.round(job.plan.startsAtSeconds * 1000), STANDALONE_STARTS, job.number, 0)
        }
      }
    },
    starts: (job, attempt) => {
      const { cpu, memory } = job.plan
      const instance = placement.chooseFor({ cpu, memory, hostPort: null })
      if (instance !== null) tasks.place(null, job, instance)
      else after(backoff.draw(-1 - job.number, attempt), SERVICE_RETRY, jobNumberOf(job.number), attempt + 1)
    },
  }
}
