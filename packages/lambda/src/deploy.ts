/** The command `ecs-drain-deploy`, to which `ecs-drain deploy` hands over. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mindOutput } from './command-line.ts'
import { deployCommand } from './deploy/deploy-command.ts'

mindOutput()
// This file is one folder below the package's, as a source and as what is built of it.
process.exitCode = deployCommand(process.argv.slice(2), resolve(fileURLToPath(new URL('..', import.meta.url))))
