/** The command `ecs-drain-explain`, to which `ecs-drain explain` hands over. */
import { mindOutput } from './command-line.ts'
import { explainCommand } from './explain/explain-command.ts'

mindOutput()
process.exitCode = await explainCommand(process.argv.slice(2))
