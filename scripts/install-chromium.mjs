// Finds a Chromium for the browser test, or installs Debian's where that is possible. Prints its path.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']

const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** The path of a Chromium or a relative of it, or undefined. `CHROME_PATH` wins. */
export const findChromium = () => {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...elsewhere].find(isExecutable)
}

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
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

const installDebianPackage = () => {
  const install = () => apt('install', '--no-install-recommends', 'chromium')
  return install() || (apt('update') && install())
}

/** Finds Chromium, and as root on Debian or Ubuntu installs it when there is none. */
export const ensureChromium = () => {
  const found = findChromium()
  if (found !== undefined) return found
  const mayInstall = process.getuid?.() === 0 && isExecutable('/usr/bin/apt-get')
  if (mayInstall) process.stderr.write('ecs-drain: installing Chromium ...\n')
  return mayInstall && installDebianPackage() ? findChromium() : undefined
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = ensureChromium()
  if (path === undefined) {
    console.error(
      'No Chromium found. Install one, or set CHROME_PATH; as root on Debian it is installed from its packages.',
    )
    process.exitCode = 1
  } else console.log(path)
}
