// Finds a Chromium for the browser test, or installs Debian's where that is possible. Prints its path.
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installDebianPackage, isExecutable } from './debian-package.mjs'

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

/** Finds Chromium, and as root on Debian or Ubuntu installs it when there is none. */
export const ensureChromium = () => {
  const found = findChromium()
  if (found !== undefined) return found
  return installDebianPackage('chromium') ? findChromium() : undefined
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
