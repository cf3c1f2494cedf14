// Runs commands for the other scripts. Plain Node from 18 on, no dependencies: it runs before anything is installed.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const onWindows = process.platform === 'win32'

// Below this a step is not worth a line.
const quietMs = 1000
const exitOfUnknownCommand = 127
/** The exit code after Ctrl-C: whoever pressed it needs no word of it. */
export const interrupted = 128 + constants.signals.SIGINT

/** Runs a command to its end, its exit code is the result. A signal that ends it counts as in a shell: 128 + number. */
export const run = (command, args, options = {}) =>
  new Promise((resolve) => {
    // npx, pnpm and the tools in node_modules/.bin are .cmd files on Windows, which only a shell starts.
    const shell = onWindows && !command.endsWith('.exe')
    const child = spawn(command, shell ? args.map((arg) => JSON.stringify(arg)) : args, { shell, ...options })
    const output = []
    child.stdout?.on('data', (chunk) => output.push(chunk))
    child.stderr?.on('data', (chunk) => output.push(chunk))
    // A terminal sends Ctrl-C to the child as well: wait for what it does about it. Other signals come to us alone.
    const wait = () => {}
    const forward = () => child.kill('SIGTERM')
    process.on('SIGINT', wait)
    process.on('SIGTERM', forward)
    const end = (code, text) => {
      process.off('SIGINT', wait)
      process.off('SIGTERM', forward)
      resolve({ code, output: text })
    }
    child.once('error', (error) => end(exitOfUnknownCommand, `${command}: ${error.message}\n`))
    child.once('close', (code, signal) =>
      end(code ?? 128 + (constants.signals[signal] ?? 0), Buffer.concat(output).toString('utf8')),
    )
  })

/**
 * Runs commands one after another until one fails. Says on stderr what it is doing once that takes more than a second;
 * what the commands print is shown only when they fail.
 */
export const step = async (name, commands, { env = process.env, always = false } = {}) => {
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  let announced = false
  const announce = setTimeout(() => {
    announced = true
    process.stderr.write(`ecs-drain: ${name} ...\n`)
  }, quietMs)
  for (const [command, ...args] of commands) {
    const { code, output } = await run(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
    if (code !== 0) {
      clearTimeout(announce)
      if (code === interrupted) return code
      process.stderr.write(
        `${output.trimEnd()}\necs-drain: ${name} FAILED (${command}, exit code ${code}, ${seconds()})\n`,
      )
      return code
    }
  }
  clearTimeout(announce)
  if (announced || always) process.stderr.write(`ecs-drain: ${name} done in ${seconds()}\n`)
  return 0
}
