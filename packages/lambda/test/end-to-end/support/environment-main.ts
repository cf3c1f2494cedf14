/** The child process: loads the bundle's handler like Lambda's Node runtime does and runs one invocation at a time. */

import type { Invoke, Outcome } from './environment.ts'
import { moveTo } from './virtual-clock.ts'

type Handler = (event: unknown, context: unknown) => Promise<unknown>

const { handler } = (await import(process.env['TASK_ENTRY'] as string)) as { readonly handler: Handler }

process.on('message', ({ event, context, now }: Invoke) => {
  moveTo(now)
  const { remainingMs, ...rest } = context
  handler(event, { ...rest, getRemainingTimeInMillis: () => remainingMs }).then(
    (response) => tell({ type: 'returned', response }),
    (error: unknown) => tell({ type: 'threw', message: error instanceof Error ? error.message : String(error) }),
  )
})

const tell = (outcome: Outcome): void => {
  process.send?.(outcome)
}

tell({ type: 'ready' })
