// The tests of what is published need it built. With nothing changed this takes half a second.
import { execFileSync } from 'node:child_process'

export default (): void => {
  execFileSync('turbo', ['run', 'build', '--output-logs=errors-only'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
