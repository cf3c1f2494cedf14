// What the two commands of this package do with readers of their output who go away, and with a disk that is full.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Lines of a shell in which `"$@"` is the command as it is built, with these arguments. */
const shell = (script: string, command: string, ...args: ReadonlyArray<string>) => {
  const built = fileURLToPath(new URL(`../dist/${command}.js`, import.meta.url))
  return spawnSync('sh', ['-c', script, 'sh', process.execPath, built, ...args], { encoding: 'utf8' })
}

describe.each(['explain', 'deploy'])('%s', { timeout: 60_000 }, (command) => {
  test('may be cut off by who reads it', () => {
    const { stderr } = shell('{ "$@"; echo "exit code $?" >&2; } | true', command, '-h')
    expect(stderr).toBe('exit code 0\n')
  })

  test('has the exit code of what it did, though nobody reads stderr', () => {
    const { stdout } = shell('exec 3>&1; { "$@" 2>&1 >&3; echo "exit code $?" >&3; } | true', command, '--nonsense')
    expect(stdout).toBe('exit code 2\n')
  })

  test.runIf(existsSync('/dev/full'))('tells in one line that its output cannot be written', () => {
    const { status, stderr } = shell('"$@" > /dev/full', command, '--help')
    expect(stderr).toMatch(/^ecs-drain: the output could not be written: .*\n$/)
    expect(status).toBe(1)
  })
})
