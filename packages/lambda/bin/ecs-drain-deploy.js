#!/usr/bin/env node
import { start } from './start.js'

// What is deployed is what the sources say; help may be from before the last change.
const asksForHelp = process.argv.some((word) => word === '--help' || word === '-h')
await start('deploy', { afresh: !asksForHelp })
