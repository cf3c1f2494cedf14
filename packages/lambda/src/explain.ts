/** The command `ecs-drain-explain`, to which `ecs-drain explain` hands over. */
import { explainCommand } from './explain/explain-command.ts'

process.exitCode = await explainCommand(process.argv.slice(2))
