// Programs that tests need and a fresh machine lacks, from Debian's or Ubuntu's packages where that is possible.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether a program is on the PATH. */
export const isThere = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)))

/** As root on Debian or Ubuntu installs a package. False: it could not, and what apt said has been shown. */
export const installDebianPackage = (name) => {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) return false
  process.stderr.write(`ecs-drain: installing ${name} ...\n`)
  const install = () => apt('install', '--no-install-recommends', name)
  return install() || (apt('update') && install())
}

// Another apt may hold the lock for a while. What apt says matters only when it fails.
const apt = (...args) => {
  const { status, stderr } = spawnSync('apt-get', ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) process.stderr.write(stderr ?? '')
  return status === 0
}
