/** The zip that is deployed, unpacked like Lambda does. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { unzipSync } from 'fflate'

const zip = fileURLToPath(new URL('../../../dist/ecs-drain-lambda.zip', import.meta.url))

let unpacked: string | undefined

/** The URL of the bundle's `index.mjs`, unpacked once. */
export const unpackedBundle = async (): Promise<string> => {
  if (unpacked !== undefined) return unpacked
  const folder = mkdtempSync(join(tmpdir(), 'ecs-drain-lambda-'))
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  unpacked = pathToFileURL(join(folder, 'index.mjs')).href
  return unpacked
}
