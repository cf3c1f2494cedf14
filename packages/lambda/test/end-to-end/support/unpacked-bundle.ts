/** The zip that is deployed, unpacked like Lambda does. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { unzipSync } from 'fflate'
import { onTestFinished } from 'vitest'

const zip = fileURLToPath(new URL('../../../dist/ecs-drain-lambda.zip', import.meta.url))

/** The URL of the bundle's `index.mjs`, unpacked until the test is over. */
export const unpackedBundle = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-lambda-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  return pathToFileURL(join(folder, 'index.mjs')).href
}
