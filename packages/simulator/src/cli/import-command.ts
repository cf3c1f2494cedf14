/** `ecs-drain import`: a cluster that is there, as a scenario in which its next update can be rehearsed. */
import { existsSync } from 'node:fs'
import { ClusterName, LifecycleHookName } from '@ecs-drain/core'
import * as E from 'fp-ts/Either'
import { type Ask, type AwsPlace, askingWithCli } from '../import/aws-cli.ts'
import { readCluster } from '../import/cluster-account.ts'
import { importedPlan } from '../import/imported-plan.ts'
import { scenarioText } from '../import/scenario-text.ts'
import { readScenario } from '../scenario/read-scenario.ts'
import { BadInput, type ExitCode, exitCodes } from './exit-codes.ts'
import { outputFile, outputProblems } from './output-files.ts'
import { writeWhole } from './write-whole.ts'

/** The options as commander hands them over. */
export interface ImportCommandOptions extends AwsPlace {
  readonly hook: string
  readonly output?: string
  readonly force?: boolean
}

export const importCommand = async (
  cluster: string,
  { hook, output, force = false, ...place }: ImportCommandOptions,
): Promise<ExitCode> => {
  const problems = [...namesProblems(cluster, hook), ...fileProblems(output, force)]
  if (problems.length > 0) throw new BadInput(problems)
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

/** AWS is asked about nothing that it would not know, and only for what can be written. */
const namesProblems = (cluster: string, hook: string): ReadonlyArray<string> => {
  const problems: Array<string> = []
  if (!ClusterName.is(cluster.replace(/^arn:.*:cluster\//, '')))
    problems.push(`CLUSTER: expected the name or the ARN of a cluster, got ${JSON.stringify(cluster)}`)
  if (!LifecycleHookName.is(hook))
    problems.push(
      `--hook: expected 1 to 255 letters, digits, hyphens, underscores and slashes, got ${JSON.stringify(hook)}`,
    )
  return problems
}

/** What was imported once is then changed by hand, so it is not written over unasked. */
const fileProblems = (output: string | undefined, force: boolean): ReadonlyArray<string> => {
  const problems = outputProblems(outputFile('--output', output), [])
  if (output === undefined || problems.length > 0 || force || !existsSync(output)) return problems
  return [`--output ${output}: there is such a file already; --force writes over it`]
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
