// Stands for scripts/run.mjs in a copy of the repository: each build makes another zip, the command `deploy` as it is,
// and a stand-in for `explain`, whose sources import what is not in the copy.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const [mode, name] = process.argv.slice(2)
console.log(`${mode}ing ${name} ...`)
if (process.env.FAKE_BUILD_FAILS === 'yes') process.exit(3)

const counter = new URL('../builds', import.meta.url)
const number = existsSync(counter) ? Number(readFileSync(counter, 'utf8')) + 1 : 1
writeFileSync(counter, `${number}`)

const dist = new URL('../packages/lambda/dist/', import.meta.url)
mkdirSync(dist, { recursive: true })
writeFileSync(new URL('ecs-drain-lambda.zip', dist), `${mode} ${number} of ${name}`)
writeFileSync(new URL('deploy.js', dist), "import '../src/deploy.ts'\n")
writeFileSync(new URL('explain.js', dist), "console.log('explain', ...process.argv.slice(2))\n")
