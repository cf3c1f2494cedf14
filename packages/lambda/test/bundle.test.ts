import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { at, lifecycleAction, theGroup, theHook } from '@ecs-drain/core/testing'
import { strFromU8, unzipSync } from 'fflate'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { termination } from '../../core/test/support/payloads.ts'
import { zipOf } from '../zip.config.ts'
import { type BuiltFunction, buildFunction, environment, runNode } from './support/built-function.ts'

const zipBytesMax = 200 * 1024
const timeout = 60_000

let built: BuiltFunction
let again: BuiltFunction
beforeAll(() => {
  built = buildFunction()
  again = buildFunction({ TZ: 'Pacific/Auckland' })
}, timeout)
afterAll(() => {
  built.remove()
  again.remove()
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('the zip', () => {
  test(`is at most ${zipBytesMax / 1024} KB`, () => {
    expect(built.zip.byteLength).toBeGreaterThan(50 * 1024)
    expect(built.zip.byteLength).toBeLessThanOrEqual(zipBytesMax)
  })

  test('built twice, in two places and time zones, is the same to the last byte', () => {
    expect(sha256(again.zip)).toBe(sha256(built.zip))
  })

  test('does not depend on when, in which order and with which permissions its files were written', () => {
    const texts = Object.entries(unzipSync(built.zip))
    const copy = join(again.bundle, '..', 'copy')
    mkdirSync(copy)
    for (const [name, text] of texts.toReversed()) writeFileSync(join(copy, name), text, { mode: 0o600 })
    vi.useFakeTimers({ now: new Date('2031-02-03T04:05:06Z'), toFake: ['Date'] })
    const zip = zipOf(copy)
    vi.useRealTimers()
    expect(sha256(zip)).toBe(sha256(built.zip))
  })

  test('depends on each byte of its files', () => {
    const copy = join(again.bundle, '..', 'changed')
    mkdirSync(copy)
    for (const [name, text] of Object.entries(unzipSync(built.zip))) writeFileSync(join(copy, name), text)
    writeFileSync(join(copy, 'index.mjs'), `${readFileSync(join(copy, 'index.mjs'), 'utf8')} `)
    expect(sha256(zipOf(copy))).not.toBe(sha256(built.zip))
  })

  test('holds the bundle and whose code is in it, and nothing else: no source maps, no package.json', () => {
    const names = Object.keys(unzipSync(built.zip))
    expect(names).toEqual(readdirSync(built.bundle).toSorted())
    expect(names).toContain('index.mjs')
    expect(names.filter((name) => !name.endsWith('.mjs'))).toEqual(['THIRD-PARTY-NOTICES.txt'])
  })

  test('names each package that is in it, with its licence, and has the texts', () => {
    const text = strFromU8(unzipSync(built.zip)['THIRD-PARTY-NOTICES.txt'] ?? new Uint8Array())
    expect(text).toContain('\n@aws-sdk/client-ecs 3.1164.0: Apache-2.0\n')
    expect(text).toContain('\n@aws-lambda-powertools/logger 2.36.0: MIT-0\n')
    expect(text).toContain('\nfp-ts 2.16.11: MIT\n')
    expect(text).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION')
    // What is only here to build, or was dropped from the bundle, is not in it.
    expect(text).not.toMatch(/^(fflate|bowser|typescript|@ecs-drain\/core) /m)
  })
})

test('the bundle imports itself and Node, and no package', () => {
  const specifiers = new Set<string>()
  for (const name of readdirSync(built.bundle).filter((each) => each.endsWith('.mjs'))) {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(built.bundle, name), 'utf8'), true, true)
    for (const { fileName } of importedFiles) specifiers.add(fileName)
  }
  const foreign = [...specifiers].filter(
    (each) => !each.startsWith('./') && !builtinModules.includes(each.replace(/^node:/, '')),
  )
  expect(specifiers.size).toBeGreaterThan(10)
  expect(foreign).toEqual([])
})

describe('the function', () => {
  const load = (rest: string): string =>
    `const { handler } = await import(${JSON.stringify(pathToFileURL(join(built.bundle, 'index.mjs')).href)});${rest}`
  const invoke = (event: unknown): string =>
    load(`const context = { functionName: 'ecs-drain', awsRequestId: 'x', getRemainingTimeInMillis: () => 45_000 };
    const answer = await handler(${JSON.stringify(event)}, context);
    console.log('answer: ' + JSON.stringify(answer))`)

  test('answers an event that concerns nobody, without a call, from nothing but the files of the zip', () => {
    const { status, stdout, stderr } = runNode(invoke({ source: 'aws.health', 'detail-type': 'x' }), environment)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('answer: {"drains":[],"ignored":["unsubscribed"]}')
  })

  test('says with its first line whether its environment is new', () => {
    const onLambda = { ...environment, AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', ECS_DRAIN_LOG_LEVEL: 'DEBUG' }
    const { stdout } = runNode(invoke({ source: 'aws.health', 'detail-type': 'x' }), onLambda)
    const [coldStart, ignored] = stdout.split('\n').map((line) => (line.startsWith('{') ? JSON.parse(line) : null))
    expect(coldStart).toMatchObject({ ColdStart: 1, service: 'ecs-drain', function_name: 'ecs-drain' })
    expect(ignored).toMatchObject({ message: 'Ignored', why: 'unsubscribed', cold_start: true, service: 'ecs-drain' })
  })

  test('hands back what it cannot read', () => {
    const event = { Records: [{ messageId: 'a', eventSource: 'aws:sqs', body: 'hunter2' }] }
    const { stdout } = runNode(invoke(event), environment)
    expect(stdout).toContain('answer: {"batchItemFailures":[{"itemIdentifier":"a"}]}')
    expect(stdout).not.toContain('hunter2')
  })

  test('answers before Lambda ends it, with every request cut off, where only the table answers', () => {
    const script = `const { createServer } = await import('node:http')
      const table = (target) => (target.endsWith('.Query') ? '{"Items":[],"Count":0,"ScannedCount":0}' : '{}')
      const server = createServer((request, response) => {
        const target = request.headers['x-amz-target'] ?? ''
        if (!target.startsWith('DynamoDB')) return
        request.resume()
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(table(target))
      })
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
      process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:' + server.address().port
      const startedAt = Date.now()
      ${load(`const message = { messageId: 'a', eventSource: 'aws:sqs', body: ${JSON.stringify(termination(lifecycleAction(), at(0)))} }
      const context = { functionName: 'ecs-drain', awsRequestId: 'x', getRemainingTimeInMillis: () => 3_000 }
      const answer = await handler({ Records: [message] }, context)
      console.log('answer: ' + JSON.stringify(answer) + (Date.now() - startedAt < 3_000 ? ' in time' : ' too late'))
      server.close()`)}`
    const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' }
    const given = { ...environment, ...credentials, ECS_DRAIN_HOOK: theHook, ECS_DRAIN_GROUPS: theGroup }
    const { stdout, stderr } = runNode(script, given)
    expect(stderr).toContain('"message":"NotHandled"')
    expect(stdout).toContain('answer: {"batchItemFailures":[{"itemIdentifier":"a"}]} in time')
    expect(stdout).toContain('"message":"DrainRequested"')
    expect(stdout + stderr).not.toContain('EffectFailed')
  })

  // The alarm `denied` counts them; DynamoDB itself does not.
  test('counts what the role is denied on the table, and of the calls to DynamoDB nothing else', () => {
    const script = `const { createServer } = await import('node:http')
      const body = JSON.stringify({ __type: 'AccessDeniedException', message: 'not authorized' })
      const server = createServer((request, response) => {
        request.resume()
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(body)
      })
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
      process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:' + server.address().port
      ${invoke({ Records: [{ messageId: 'a', eventSource: 'aws:sqs', body: '{"ecs-drain":"sweep"}' }] })}
      server.close()`
    const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' }
    const { stdout, stderr } = runNode(script, { ...environment, ...credentials })
    expect(stderr).toContain('allow dynamodb:Query on arn:*:dynamodb:*:*:table/ecs-drain')
    const denied = stdout.split('\n').find((line) => line.includes('"ApiCallsDenied"')) ?? '{}'
    expect(JSON.parse(denied)).toMatchObject({ ApiCallsDenied: 1, operation: 'Query', service: 'ecs-drain' })
    expect(stdout).not.toContain('"ApiCalls"')
  })

  test('does not start in a wrong environment, and says all that is wrong', () => {
    const { status, stderr } = runNode(load(''), { ...environment, ECS_DRAIN_TABLE: '', ECS_DRAIN_SETTLE_SECONDS: 'x' })
    expect(status).not.toBe(0)
    expect(stderr).toContain('ecs-drain cannot start:\nECS_DRAIN_TABLE: expected')
    expect(stderr).toContain('\nECS_DRAIN_SETTLE_SECONDS: expected')
  })
})
