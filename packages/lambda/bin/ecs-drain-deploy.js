#!/usr/bin/env node
// Committed, so that a package manager can link the command before the first build.
import { existsSync } from 'node:fs'

const deploy = new URL('../dist/deploy.js', import.meta.url)
if (existsSync(deploy)) await import(deploy.href)
else {
  console.error('ecs-drain: not built yet. Run "pnpm build" (or "npm start") in the repository first.')
  process.exitCode = 1
}
