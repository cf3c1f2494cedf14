// `aws SERVICE OPERATION --option value ...` by the SDK, for machines without the AWS CLI: the same request, and the answer as the CLI
// prints it. Only what pages of the documentation use: no --query, no profiles, no waiters.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(fileURLToPath(new URL('../../packages/simulator/package.json', import.meta.url)))

const packages = {
  ecs: '@aws-sdk/client-ecs',
  autoscaling: '@aws-sdk/client-auto-scaling',
  sqs: '@aws-sdk/client-sqs',
  ec2: '@aws-sdk/client-ec2',
}

const [service = '', operation = '', ...rest] = process.argv.slice(2)
const module = require(packages[service])
const pascal = (text) => text.replace(/(^|-)([a-z0-9])/g, (_, __, letter) => letter.toUpperCase())

const options = new Map()
let name = ''
for (const word of rest) {
  if (word.startsWith('--')) {
    name = word.slice(2)
    options.set(name, [])
  } else options.get(name).push(word)
}
const [endpoint, region] = ['endpoint-url', 'region'].map((option) => options.get(option)?.[0])
for (const option of ['endpoint-url', 'region', 'output']) options.delete(option)

// Schemas stand in for each other by functions.
const resolved = (schema) => (typeof schema === 'function' ? resolved(schema()) : schema)

const Client = module[Object.keys(module).find((key) => /^[A-Za-z0-9]+Client$/.test(key) && key !== '__Client')]
const Command = module[`${pascal(operation)}Command`]
const [, , , , names, schemas] = resolved(module[`${pascal(operation)}$`][4])
const isList = (schema) => (typeof schema === 'number' ? (schema & 64) !== 0 : resolved(schema)[0] === 1)
const input = Object.fromEntries(
  [...options].map(([option, values]) => {
    const index = names.findIndex((each) => each.toLowerCase() === option.replaceAll('-', ''))
    return [names[index], isList(schemas[index]) ? values : values[0]]
  }),
)

try {
  const { $metadata: _, ...answer } = await new Client({ endpoint, region, maxAttempts: 1 }).send(new Command(input))
  if (Object.keys(answer).length > 0) console.log(JSON.stringify(answer, null, 4))
} catch (error) {
  console.error(`\nAn error occurred (${error.name}) when calling the ${pascal(operation)} operation: ${error.message}`)
  process.exitCode = 254
}
