/** Says on stderr what is going on, once that takes longer than a second. */
import ora, { type Ora } from 'ora'

export interface Progress {
  /**
   * What comes next. `slow`: it is known to take long, so say it at once. A run does not give way while it works, so a
   * step is shown before it begins.
   */
  step(label: string, slow?: boolean): Promise<void>
  done(): void
}

const quietMs = 1000

/** A spinner on a terminal, plain lines elsewhere. */
export const createProgress = (now: () => number = () => performance.now()): Progress => {
  const started = now()
  let spinner: Ora | undefined

  return {
    step: async (label, slow = false) => {
      if (!slow && now() - started < quietMs) return
      // A terminal of no known width (`docker run -t`, `script`) makes the spinner clear infinitely many lines.
      if (!process.stderr.isTTY || !(process.stderr.columns > 0)) {
        process.stderr.write(`ecs-drain: ${label} ...\n`)
        return
      }
      spinner ??= ora({ stream: process.stderr, discardStdin: false, hideCursor: false })
      spinner.text = `${label} ...`
      if (!spinner.isSpinning) spinner.start()
      else spinner.render()
      // Lets the terminal have it, and a Ctrl-C be noticed.
      await new Promise((shown) => setTimeout(shown, 20))
    },
    done: () => {
      spinner?.stop()
    },
  }
}
