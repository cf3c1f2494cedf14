/** The table of a stack, by its output, asked for with the AWS CLI, as `deploy` asks: its client is no dependency of ours. */
import { spawnSync } from 'node:child_process'
import * as E from 'fp-ts/Either'
import { whyNotStarted } from '../command-line.ts'

/** The name of the table, or why it cannot be had, as a sentence. */
export const tableOfStack = (stack: string, region: string, endpoint: string | null): E.Either<string, string> => {
  const query = "Stacks[0].Outputs[?OutputKey=='TableName'].OutputValue"
  const args = ['cloudformation', 'describe-stacks', '--stack-name', stack, '--query', query, '--output', 'text']
  const place = ['--region', region, ...(endpoint === null ? [] : ['--endpoint-url', endpoint])]
  const { error, status, stdout, stderr } = spawnSync('aws', [...args, ...place], { encoding: 'utf8' })
  if (error !== undefined) return E.left(`${whyNotStarted('aws', error)}, or name the table with --table`)
  if (status !== 0) return E.left(`stack ${stack} in ${region}: ${stderr.trim()}`)
  const name = stdout.trim()
  // What the CLI prints where there are no outputs at all.
  if (name === '' || name === 'None')
    return E.left(`stack ${stack} in ${region} has no output TableName: name the table with --table`)
  return E.right(name)
}
