#!/usr/bin/env node
import { start } from './start.js'

// What is deployed is what the sources say.
await start('deploy', { afresh: true })
