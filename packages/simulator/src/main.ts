/** The command `ecs-drain`, and, loaded in a worker thread, what works through the seeds of a storm. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { runCommandLine } from './cli/command-line.ts'
import { exitCodes } from './cli/exit-codes.ts'
import { type StormWork, workThroughSeeds } from './cli/storm-workers.ts'

const runAsCommand = async (): Promise<void> => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') {
        // Nobody reads how far it is; the work goes on.
        if (stream === process.stderr) return
        // `ecs-drain scenarios | head -1`: whoever reads has seen enough. What was to be written is written by then.
        process.exit()
      }
      // A full disk behind stdout, say. What goes wrong behind stderr cannot be told.
      if (stream === process.stdout)
        process.stderr.write(`ecs-drain: the output could not be written: ${error.message}\n`)
      process.exit(exitCodes.failure)
    })
  }

  try {
    process.exitCode = await runCommandLine(process.argv.slice(2), new URL(import.meta.url))
  } catch (error) {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error))
    const text = process.env['ECS_DRAIN_DEBUG'] === undefined ? `${message} (ECS_DRAIN_DEBUG=1 says where)` : stack
    process.stderr.write(`ecs-drain: unexpected failure: ${text}\n`)
    process.exitCode = exitCodes.failure
  }
}

if (isMainThread || parentPort === null) await runAsCommand()
else workThroughSeeds(workerData as StormWork, parentPort)
