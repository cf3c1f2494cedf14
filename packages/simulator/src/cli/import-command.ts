/** `ecs-drain import`: a cluster that is there, as a scenario in which its next update can be rehearsed. */
import * as E from 'fp-ts/Either'
import { type Ask, type AwsPlace, askingWithCli } from '../import/aws-cli.ts'
import { readCluster } from '../import/cluster-account.ts'
import { importedPlan } from '../import/imported-plan.ts'
import { scenarioText } from '../import/scenario-text.ts'
import { readScenario } from '../scenario/read-scenario.ts'
import { BadInput, type ExitCode, exitCodes } from './exit-codes.ts'
import { checkOutputFiles, outputFile } from './output-files.ts'
import { writeWhole } from './write-whole.ts'

/** The options as commander hands them over. */
export interface ImportCommandOptions extends AwsPlace {
  readonly hook: string
  readonly output?: string
}

export const importCommand = async (
  cluster: string,
  { hook, output, ...place }: ImportCommandOptions,
): Promise<ExitCode> => {
  checkOutputFiles(outputFile('--output', output), [])
  process.stderr.write(`ecs-drain: asking AWS about cluster ${cluster}; nothing is changed\n`)
  const account = await readCluster(telling(askingWithCli(place)), cluster)()
  if (E.isLeft(account)) {
    process.stderr.write(`ecs-drain: ${account.left}\n`)
    return exitCodes.failure
  }
  const { services, containerInstances, groups } = account.right
  process.stderr.write(
    `ecs-drain: services: ${services.length}, container instances: ${containerInstances.length}, groups: ${groups.length}\n`,
  )
  if (containerInstances.length === 0)
    throw new BadInput([`${cluster}: it has no container instances, so there is nothing to update`])
  if (groups.length === 0)
    throw new BadInput([`${cluster}: none of its container instances is in an Auto Scaling group`])
  const text = scenarioText(importedPlan(account.right, hook), `ecs-drain import ${cluster}`)
  const scenario = readScenario({ label: cluster, text })
  // What AWS allows and the simulator does not know is for its user to change, so it is written all the same.
  if (E.isLeft(scenario)) for (const line of scenario.left) process.stderr.write(`ecs-drain: to be changed: ${line}\n`)
  if (output === undefined) process.stdout.write(text)
  else await writeWhole(output, [text])
  return E.isRight(scenario) ? exitCodes.ok : exitCodes.badInput
}

/** Of hundreds of services each task definition and target group is a request of its own. */
const telling = (ask: Ask): Ask => {
  let asked = 0
  return (request, answer) => () => {
    asked += 1
    if (asked % 25 === 0) process.stderr.write(`ecs-drain: ${asked} requests so far ...\n`)
    return ask(request, answer)()
  }
}
