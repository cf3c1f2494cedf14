#!/usr/bin/env node
// Committed, so that a package manager can link the command before the first build.
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)
if (existsSync(main)) await import(main.href)
else {
  console.error('ecs-drain: not built yet. Run "npm start" in the repository first.')
  process.exitCode = 1
}
