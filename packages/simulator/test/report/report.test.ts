import { describe, expect, test } from 'vitest'
import type { ServiceFigures } from '../../src/measure/figures.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { judgeTrace } from '../../src/promise/judge.ts'
import { decisionText } from '../../src/report/decision-text.ts'
import { durationText } from '../../src/report/duration-text.ts'
import { escapeText } from '../../src/report/escape.ts'
import { eventListOf } from '../../src/report/event-list.ts'
import { headlineOf, promisesText } from '../../src/report/headline.ts'
import { paletteCss, stateFill } from '../../src/report/palette.ts'
import { renderPicture, renderReport } from '../../src/report/report.ts'
import { renderTable } from '../../src/report/terminal-table.ts'
import { timelineOf } from '../../src/report/timeline.ts'
import { simulate } from '../../src/simulate.ts'
import { amiUpdateStory, aPlan, aService, traceOf } from '../measure/trace-builder.ts'

const runsOf = (plan: Plan = aPlan()) =>
  (['none', 'early', 'drained'] as const).map((controller) => {
    const trace = amiUpdateStory(controller, plan)
    return { controller, trace, ...judgeTrace(plan, trace) }
  })

const reportOf = (plan: Plan = aPlan()): Promise<string> =>
  renderReport({
    scenario: 'ami-update',
    plan,
    runs: runsOf(plan),
    reproduce: 'ecs-drain simulate ami-update --seed 1',
  })

describe('the report', () => {
  test('loads nothing and runs nothing', async () => {
    const html = await reportOf()
    const found = (pattern: RegExp): ReadonlyArray<string> => html.match(pattern) ?? []
    expect(found(/<script|<link|<iframe|<img|<base|@import|\bon\w+="/gi)).toEqual([])
    expect(found(/(?:src|href)\s*=\s*["'][^#"'][^"']*/gi)).toEqual([])
    expect(found(/.{20}https?:\/\/[^"\s]*/g).filter((each) => !each.includes('xmlns'))).toEqual([])
    expect(found(/url\([^#][^)]*/g)).toEqual([])
  })

  test('is the same bytes for the same runs', async () => {
    const [first, second] = [await reportOf(), await reportOf()]
    expect(first === second).toBe(true)
  })

  test('says in words when which service had no running task, and how to see it again', async () => {
    const html = await reportOf()
    expect(html.includes('web had no running task for 110 s, from 99.5 s to 209.0 s.')).toBe(true)
    expect(html.includes('0 running for 110 s')).toBe(true)
    expect(html.includes('ecs-drain simulate ami-update --seed 1')).toBe(true)
    expect(html.includes('broke S2')).toBe(true)
  })

  test('says of how many services it draws and lists some', async () => {
    const plan = aPlan({ services: Array.from({ length: 7 }, (_, index) => aService({ name: `web-${index}` })) })
    const html = await reportOf(plan)
    const overview =
      'Healthy tasks of web-1 under each controller, on one time axis. No other service was without a task for longer.'
    expect(html.includes(overview)).toBe(true)
    expect(html.includes('6 of 7 services, longest at zero first')).toBe(true)
    expect(html.includes('2 more services are not listed; none fared worse')).toBe(true)
  })

  test('does not say of a service that it always had a running task where none was wanted', async () => {
    const plan = aPlan({ happenings: [{ do: 'set-desired-count', atSeconds: 10, service: 'web', desired: 0 }] })
    const html = await renderReport({
      scenario: '',
      plan,
      runs: [{ controller: 'none', ...simulate(plan) }],
      reproduce: '',
    })
    expect(html).toContain('<figcaption>No service was without a running task while it wanted one.')
  })

  test('escapes what comes from the plan', async () => {
    const evil = `<img src=x onerror="alert(1)">&'`
    const plan = aPlan({ name: evil, teaches: evil, services: [aService({ name: evil })] })
    const html = await renderReport({ scenario: evil, plan, runs: runsOf(plan), reproduce: evil })
    expect(html.includes('<img')).toBe(false)
    expect(html.includes('&lt;img src=x onerror=')).toBe(true)
  })

  test.each(['a class="x"', 'a x="1.234"', 'url(#clip1)'])(
    'draws a name as it is that looks like an attribute: %s',
    async (name) => {
      const html = await reportOf(aPlan({ services: [aService({ name })] }))
      // Three runs, each wide and narrow.
      expect(html.split(`>${name}: healthy tasks</text>`)).toHaveLength(1 + 6)
    },
  )

  test('gives a picture its text as it is, whatever `replace` would make of it', async () => {
    const plan = aPlan()
    const [run] = runsOf(plan)
    if (run === undefined) throw new Error('no run')
    const html = await renderReport({ scenario: '', plan, runs: [{ ...run, controller: "$' $&" }], reproduce: '' })
    expect(html.includes('aria-label="$&#39; $&amp;: ')).toBe(true)
  })

  test('refers only to patterns that it defines, and each id once', async () => {
    const html = await reportOf()
    const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const used = [...html.matchAll(/url\(#([^)]+)\)/g), ...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    expect([...new Set(used)].filter((id) => !ids.includes(id))).toEqual([])
  })

  test('defines every colour that it uses', async () => {
    const html = await reportOf()
    const used = [...html.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name ?? '')
    expect([...new Set(used)].filter((name) => !html.includes(`--${name}:`))).toEqual([])
  })

  test('says on hover what a bar and a mark are', async () => {
    const titles = [...(await reportOf()).matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title)
    expect(titles).toContain('web/000000task: host gone, ECS has not noticed, 98.0 s to 156.0 s (58 s)')
    expect(titles).toContain('at 90.6 s DrainRequested')
    // And nothing else: neither coordinates nor "null".
    expect(titles.filter((title) => !/^ami-update: |\d s\b/.test(title ?? ''))).toEqual([])
  })

  test('gives each picture a text for those who do not see it', async () => {
    const html = await reportOf()
    const pictures = html.match(/<svg role="img" aria-label="[^"]{40,}"/g)
    // Three runs and the overview, each wide and narrow.
    expect(pictures).toHaveLength(8)
  })

  test('says of the picture of one service what that shows, and names each table', async () => {
    const plan = aPlan({
      services: [aService({ name: 'web' }), aService({ name: 'idle', desired: 1 })],
      happenings: [],
    })
    const world = traceOf(plan)
    const host = world.instance(0)
    for (const [service, outage] of [
      [0, 50],
      [1, 10],
    ] as const) {
      world.kill(100, world.task(0, host, { service }))
      world.task(100 + outage, host, { service })
    }
    const trace = world.trace()
    const run = { trace, ...judgeTrace(plan, trace) }
    const runs = ['none', 'article'].map((controller) => ({ ...run, controller }))
    const html = await renderReport({ scenario: '', plan, runs, reproduce: '' })
    const [, overview = ''] = /aria-label="(Healthy tasks of web [^"]*)"/.exec(html) ?? []
    expect(overview).toContain('none: web had no running task for 50 s')
    expect(overview).not.toContain('idle')
    expect(html.match(/<table(?![^>]* aria-label)[^>]*>(?!<caption>)/g)).toBe(null)
  })

  test('breaks the name of an event between its words, where it has to', async () => {
    expect(await reportOf()).toContain('<td>decided: Container<wbr>Instance<wbr>Draining<td>')
  })

  test('counts instances instead of drawing mush, and stays small', async () => {
    const plan = aPlan({ services: [aService({ desired: 300 })] })
    const world = traceOf(plan)
    const old = Array.from({ length: 60 }, () => world.instance(0))
    for (const instance of old) for (let task = 0; task < 5; task++) world.task(0, instance)
    old.forEach((instance, index) => {
      world.lifecycle(10 + index, instance, 'Terminating')
      world.lifecycle(20 + index, instance, 'Terminated')
    })
    for (let call = 0; call < 2000; call++) world.call(100, 'ListTasks')
    const trace = world.trace()
    const html = await renderReport({
      scenario: 'many',
      plan,
      runs: [{ controller: 'none', trace, ...judgeTrace(plan, trace) }],
      reproduce: '',
    })
    expect(html.includes('8 of 60 instances')).toBe(true)
    expect(/[\d,]+ of [\d,]+ events are left out \([^)]*api-call 2,000/.test(html)).toBe(true)
    expect(html.length).toBeLessThan(500_000)
  })

  test('draws the instance that a witness names, though it counts the others', async () => {
    const plan = aPlan({ services: [aService({ desired: 40 })] })
    const world = traceOf(plan)
    const old = Array.from({ length: 40 }, () => world.instance(0))
    for (const instance of old) world.task(0, instance)
    world.lifecycle(10, 17, 'Terminated')
    const trace = world.trace()
    const run = { controller: 'none', trace, ...judgeTrace(plan, trace) }
    const drawn = async (witness: string): Promise<boolean> => {
      const promises = run.promises.map((each) => ({ ...each, witness }))
      const html = await renderReport({ scenario: 'many', plan, runs: [{ ...run, promises }], reproduce: '' })
      return html.includes(`>${trace.cast.instances[33]?.id} (`)
    }
    expect(await drawn('nobody')).toBe(false)
    expect(await drawn(`task web/1 on ${trace.cast.instances[33]?.id} was RUNNING`)).toBe(true)
  })

  test('has room for the longest number beside the axis', async () => {
    const plan = aPlan({ services: [aService({ desired: 30_000 })] })
    const trace = traceOf(plan).trace()
    const runs = [{ controller: 'none', trace, ...judgeTrace(plan, trace) }]
    const html = await renderReport({ scenario: 'wide', plan, runs, reproduce: '' })
    const lefts = [...html.matchAll(/<g fill="none" transform="translate\((\d+),2\)"/g)].map(([, left]) => Number(left))
    // Five digits of ten pixels each are about 31 pixels wide, and end 6 before the axis.
    expect(lefts).toHaveLength(2)
    expect(Math.min(...lefts)).toBeGreaterThan(37)
  })

  test('has an axis as long as there are happenings and decisions with a mark of their own, and draws nothing beyond it', async () => {
    const plan = aPlan()
    const world = traceOf(plan)
    const instance = world.instance(0)
    world.task(0, instance)
    world.decide(300, instance, 'LifecycleActionOver')
    world.happening(400)
    world.decide(900, instance, 'Swept')
    const trace = world.trace()
    expect(timelineOf(plan, trace).lastChangeMs).toBe(400_000)
    const runs = [{ controller: 'none', trace, ...judgeTrace(plan, trace) }]
    const html = await renderReport({ scenario: '', plan, runs, reproduce: '' })
    const [svg = ''] = html.split('<div class="wide">')[1]?.split('</svg>') ?? []
    expect(svg.includes('at 300.0 s LifecycleActionOver</title>')).toBe(true)
    expect(svg.includes('Swept')).toBe(false)
  })

  test('says how long an outage was where that hides nothing of what came before and after it', async () => {
    const plan = aPlan({ happenings: [] })
    /** How far the words are above the bottom of the outage's frame, and how high that is. */
    const placeOf = async (outage: number): Promise<readonly [number, number]> => {
      const world = traceOf(plan)
      const first = world.task(0, world.instance(0))
      world.kill(1000, first)
      world.task(1000 + outage, world.instance(0))
      const trace = world.trace()
      const runs = [{ controller: 'none', trace, ...judgeTrace(plan, trace) }]
      const html = await renderReport({ scenario: '', plan, runs, reproduce: '' })
      const [, svg = ''] = /<div class="wide">(.*?)<\/svg>/s.exec(html) ?? []
      const [, words] = /translate\([\d.]+,([\d.]+)\)"[^>]*>0 running for/.exec(svg) ?? []
      const [, top, height] = /d="M[\d.]+,([\d.]+)h[\d.]+v([\d.]+)[^"]*" fill="url\(#hatch-zero\)"/.exec(svg) ?? []
      return [Number(top) + Number(height) - Number(words), Number(height)]
    }
    const [inFrame, height] = await placeOf(900)
    expect(inFrame).toBeLessThan(height)
    const [above, sameHeight] = await placeOf(20)
    expect(above).toBeGreaterThan(sameHeight)
  })

  test('names each of several happenings in quick succession, in the words of the plan', async () => {
    const groups = aPlan().groups.flatMap((group) => [group, { ...group, name: 'batch' }])
    const happenings = [
      { do: 'scale-out', atSeconds: 60, group: 'workers', by: 1 },
      { do: 'disconnect-agent', atSeconds: 62, group: 'batch', old: 0, forSeconds: 60 },
      { do: 'deploy', atSeconds: 64, service: 'web' },
    ] as const
    const labels = async (plan: Plan): Promise<ReadonlyArray<string | undefined>> => {
      const svg = await renderPicture({ plan, runs: [{ controller: 'none', ...simulate(plan) }] })
      return [...svg.matchAll(/<text[^>]*>((?:scale-out|disconnect-agent|deploy)[^<]*)<\/text>/g)].map(
        ([, text]) => text,
      )
    }
    expect(await labels(aPlan({ groups, happenings }))).toEqual([
      'scale-out (workers)',
      'disconnect-agent (batch, old: 0)',
      'deploy (web)',
    ])
    const alone = aPlan({ happenings: [happenings[0], { ...happenings[1], group: 'workers' }] })
    expect(await labels(alone)).toEqual(['scale-out', 'disconnect-agent (old: 0)'])
  })

  test('cuts a name that would go on beyond the picture', async () => {
    const name = 'a-service-that-cloudformation-has-named-'.repeat(6)
    const html = await reportOf(aPlan({ services: [aService({ name })] }))
    const narrow = [...html.matchAll(/<div class="narrow">(.*?)<\/svg>/gs)].map(([, svg]) => svg ?? '')
    const texts = narrow.flatMap((svg) =>
      [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? ''),
    )
    expect(texts.filter((text) => text.endsWith('…')).length).toBeGreaterThan(0)
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(60)
  })

  test('has room for each label of a time axis of weeks', async () => {
    const plan = aPlan()
    const world = traceOf(plan)
    world.task(1_900_000, world.instance(0))
    const trace = world.trace()
    const runs = [{ controller: 'none', trace, ...judgeTrace(plan, trace) }]
    const html = await renderReport({ scenario: '', plan, runs, reproduce: '' })
    const [, narrow = ''] = /<div class="narrow">(.*?)<\/svg>/s.exec(html) ?? []
    expect(narrow.match(/>\d+:00<\/text>/g)?.length).toBeLessThan(7)
  })

  test('says of one task that it is not drawn as of several', async () => {
    const plan = aPlan()
    const world = traceOf(plan)
    const instances = [world.instance(0), world.instance(0)]
    for (let task = 0; task < 13; task += 1) world.task(0, instances[0] ?? 0)
    for (let task = 0; task < 14; task += 1) world.task(0, instances[1] ?? 0)
    world.happening(60)
    const trace = world.trace()
    const runs = [{ controller: 'none', trace, ...judgeTrace(plan, trace) }]
    const html = await renderReport({ scenario: '', plan, runs, reproduce: '' })
    expect([...html.matchAll(/>(and \d+ more [^<]*)<\/text>/g)].map(([, text]) => text)).toEqual([
      'and 1 more task',
      'and 2 more tasks',
      'and 1 more task',
      'and 2 more tasks',
    ])
  })

  test('has drawings for a tablet that are no smaller than on a phone, and on paper none that is longer than a page', async () => {
    const html = await reportOf()
    expect(html.includes('@media screen and (max-width:900px){.wide{display:none}.narrow{display:block}')).toBe(true)
    expect(html).toMatch(/@media print\{[^@]*figure svg\{max-height:85vh\}/)
  })

  test('breaks a name in a table at any width, so that it hides no figure', async () => {
    const [everywhere = ''] = (await reportOf()).split('@media screen')
    expect(everywhere).toMatch(/th:first-child\{white-space:normal;overflow-wrap:anywhere/)
  })

  test('draws a run in which nothing happened', async () => {
    const plan = aPlan({ services: [], happenings: [] })
    const trace = traceOf(plan).trace()
    const html = await renderReport({
      scenario: 'empty',
      plan,
      runs: [{ controller: 'none', trace, ...judgeTrace(plan, trace) }],
      reproduce: '',
    })
    expect(html.includes('no service to keep up')).toBe(true)
  })
})

test('the picture is one SVG file that stands alone', async () => {
  const [none, , drained] = runsOf()
  if (none === undefined || drained === undefined) throw new Error('no runs')
  const svg = await renderPicture({ plan: aPlan(), runs: [none, drained], titles: ['Without', 'With ecs-drain'] })
  expect(svg.slice(0, 40)).toBe('<svg xmlns="http://www.w3.org/2000/svg" ')
  expect(svg.includes('<style>')).toBe(true)
  expect(svg.includes('>Without</text>')).toBe(true)
  expect(svg.includes('0 running for 110 s')).toBe(true)
  expect(svg.match(/.{20}https?:\/\/[^"\s]*/g)?.filter((each) => !each.includes('xmlns'))).toEqual([])
})

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('on a %s page', (_, index) => {
  const colours = [...paletteCss(':root').matchAll(/\{color-scheme:light dark;([^}]*)\}|:root\{(--[^}]*)\}/g)]
    .map(([, light, dark]) => light ?? dark ?? '')
    .map(
      (declarations) =>
        new Map([...declarations.matchAll(/--([\w-]+):(#\w{6})/g)].map(([, name = '', value = '']) => [name, value])),
    )
  const luminance = (fill: string): number => {
    const [, name = ''] = /^var\(--([\w-]+)\)$/.exec(fill) ?? []
    const value = colours[index]?.get(name) ?? ''
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((from) => Number.parseInt(value.slice(from, from + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }

  test('an instance’s states are told apart without their hues', () => {
    const plain = [...new Set(Object.values(stateFill))].filter((fill) => fill.startsWith('var('))
    const pairs = plain.flatMap((one, at) => plain.slice(at + 1).map((other) => [one, other] as const))
    expect(pairs.length).toBeGreaterThan(2)
    for (const [one, other] of pairs) {
      const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
      expect([one, other, (lighter + 0.05) / (darker + 0.05) >= 1.5]).toEqual([one, other, true])
    }
  })
})

test('an agent that is away is told from a DRAINING instance without its hue', async () => {
  const plan = aPlan({
    happenings: [{ do: 'disconnect-agent', atSeconds: 60, group: 'workers', old: 0, forSeconds: 60 }],
  })
  const svg = await renderPicture({ plan, runs: [{ controller: 'none', ...simulate(plan) }] })
  expect(/fill="([^"]*)"[^>]*><title>[^<]*: agent disconnected/.exec(svg)?.[1]).toBe('url(#dashes-away)')
})

test('text is escaped, and control characters are dropped', () => {
  expect(escapeText('<a href="x">\u0000\u001b[1m & \'b\'\n\ud83d\ude00')).toBe(
    '&lt;a href=&quot;x&quot;&gt;[1m &amp; &#39;b&#39;\n\ud83d\ude00',
  )
})

describe('the timeline', () => {
  test('shows a killed task as gone until ECS notices', () => {
    const { lanes, services } = timelineOf(aPlan(), amiUpdateStory('none'))
    const [bar] = lanes[0]?.tasks ?? []
    expect(bar?.killedAt).toBe(98_000)
    expect(bar?.looks).toEqual([
      { from: 0, to: 98_000, look: 'RUNNING' },
      { from: 98_000, to: 156_000, look: 'host gone' },
    ])
    expect(services[0]?.zero).toEqual([{ from: 99_500, to: 209_000 }])
  })

  test('has no outage where zero tasks are what was asked for, as in the figures, and the desired count as it changes', () => {
    const plan = aPlan({
      services: [aService({ desired: 1, minimumHealthyPercent: 0 })],
      happenings: [{ atSeconds: 10, do: 'set-desired-count', service: 'web', desired: 0 }],
    })
    const world = traceOf(plan)
    const first = world.task(0, world.instance(0))
    world.happening(10)
    world.stop(11, first, 12)
    world.write(65, 'settled', 0, 0)
    const [service] = timelineOf(plan, world.trace()).services
    expect(service?.zero).toEqual([])
    expect(service?.desireds.map(({ at, count }) => [at, count])).toEqual([
      [0, 1],
      [10_000, 0],
    ])
  })

  test('tells a task that runs from one that counts', () => {
    const { lanes } = timelineOf(aPlan(), amiUpdateStory('drained'))
    const looks = lanes[2]?.tasks[0]?.looks.map(({ look }) => look)
    expect(looks).toEqual(['PENDING', 'RUNNING, not counted', 'RUNNING'])
  })

  test('gives tasks that follow each other the same line, and others their own', () => {
    const world = traceOf()
    const instance = world.instance(0)
    const first = world.task(0, instance)
    world.task(0, instance)
    world.stop(5, first, 10)
    world.task(10, instance)
    const [lane] = timelineOf(aPlan(), world.trace()).lanes
    expect(lane?.tasks.map(({ row }) => row)).toEqual([0, 1, 0])
    expect(lane?.rows).toBe(2)
  })
})

test('the event list leaves out what tells least, and counts it', () => {
  const trace = amiUpdateStory('drained')
  const all = eventListOf(aPlan(), trace, 10_000)
  expect(all.lines).toHaveLength(trace.length)
  expect(all.leftOut).toEqual([])
  const some = eventListOf(aPlan(), trace, 60)
  expect(some.lines.length).toBeLessThanOrEqual(60)
  expect(some.lines.length + some.leftOut.reduce((sum, { count }) => sum + count, 0)).toBe(trace.length)
  expect(some.lines.map(({ what }) => what)).toContain('lifecycle action ended: CONTINUE')
  expect(all.lines.find(({ what }) => what === 'happening began')?.about).toBe('ami-update')
})

test.each([
  [
    {
      type: 'DrainRequested',
      at: 0,
      action: { group: 'web', hook: 'drain', instance: 'i-1', token: null },
      toWarmPool: false,
    },
    'group web, hook drain, toWarmPool false',
  ],
  [
    { type: 'TasksRead', scope: 'all', since: 1_772_438_414_500, tasks: [{}, {}], forgotten: [] },
    'scope all, since 14.5 s, tasks 2, forgotten 0',
  ],
  [{ type: 'LifecycleHookDescribed', heartbeatTimeout: 900_000 }, 'heartbeatTimeout 900 s'],
  [
    { type: 'EffectFailed', effect: 'ReadTasks', task: null, failure: { type: 'Throttled', message: 'Rate exceeded' } },
    'effect ReadTasks, failure Throttled, message Rate exceeded',
  ],
  [
    { type: 'TaskToldToStop', task: 'arn:aws:ecs:eu-west-1:123456789012:task/web/49aef3e20928d205dc7fc3d773000002' },
    'task …73000002',
  ],
])('the event %j is told as people read it', (event, text) => {
  expect(decisionText(aPlan({ start: '2026-03-02T08:00:00Z' }), JSON.stringify(event))).toBe(text)
})

test('what another controller says of its decision is told as it says it', () => {
  expect(decisionText(aPlan(), 'runningTasksCount 0')).toBe('runningTasksCount 0')
})

test('what was not held against a controller is not called kept, and has no tick', async () => {
  const [, , drained] = runsOf()
  if (drained === undefined) throw new Error('no run')
  const promises = drained.promises.map((each) => ({ ...each, held: true }))
  const excluding = promises.map((each) =>
    each.name === 'S2 floor' ? { ...each, excluded: ['ECS cannot drain it'] } : each,
  )
  expect(promisesText(promises)).toBe('kept every promise')
  expect(promisesText(excluding)).toBe('kept every promise, not counting S2 floor')
  const report = (judged: typeof promises): Promise<string> =>
    renderReport({ scenario: '', plan: aPlan(), runs: [{ ...drained, promises: judged }], reproduce: '' })
  const floorCell = /<th scope="row">S2 floor<\/th><td[^>]*>([^<]*)/
  const [kept, notAll] = [await report(promises), await report(excluding)]
  expect([kept.includes('✓'), floorCell.exec(kept)?.[1]]).toEqual([true, 'held'])
  expect([notAll.includes('✓'), floorCell.exec(notAll)?.[1]]).toEqual([false, 'not counted'])
  expect(renderTable([{ ...drained, promises }])).not.toContain('not counted')
  expect(renderTable([{ ...drained, promises: excluding }])).toMatch(
    /│ promises broken +│ +none │\n│ promises not counted +│ +S2 │/,
  )
})

test('the headline says the worst first', () => {
  expect(runsOf().map(({ figures }) => headlineOf(figures))).toEqual([
    '110 s with no running task (web), 4 tasks killed',
    '4 tasks killed, a host let go 69 s before its last task had stopped, never below 4 running',
    'never below 4 running, no task killed, hosts let go at most 1.5 s after their last task had stopped',
  ])
})

test('a service that is at zero for long is in the table, even where its floor is 0 and other services were below theirs', async () => {
  const [, , drained] = runsOf()
  const [web] = drained?.figures.services ?? []
  if (drained === undefined || web === undefined) throw new Error('no run')
  const withServices = (belowFloor: number) => ({
    ...drained,
    figures: {
      ...drained.figures,
      services: [
        ...Array.from({ length: 6 }, (_, index) => ({ ...web, name: `web-${index}`, secondsBelowFloor: belowFloor })),
        { ...web, name: 'no-floor', floor: 0, leastRunning: 0, secondsAtZero: 53 },
      ],
    },
  })
  const runs = [withServices(70), withServices(0)]
  expect(renderTable(runs)).toMatch(/no-floor: seconds at zero +│ +53\.0 ! │ +53\.0 ! │/)
  expect(renderTable(runs)).toContain(
    '\n3 more services are not listed; none fared worse (seconds at zero and below the floor, all controllers together).\n',
  )
  const html = await renderReport({ scenario: '', plan: aPlan(), runs, reproduce: '' })
  expect(html.includes('no-floor: seconds at zero')).toBe(true)
})

test('a run that had not settled when its time was up is marked in the table, and where all had there is no word of it', async () => {
  const runs = runsOf()
  expect(renderTable(runs)).not.toContain('settled')
  const [none, ...others] = runs
  if (none === undefined) throw new Error('no run')
  const cut = { ...none, trace: { ...none.trace, length: none.trace.length - 1 } }
  expect(renderTable([cut, ...others])).toMatch(/│ settled in time +│ +no ! │ +yes │ +yes │/)
  const html = await renderReport({ scenario: '', plan: aPlan(), runs: [cut, ...others], reproduce: '' })
  expect(html).toMatch(/settled in time<\/th><td class="bad">.*?no<\/td><td>yes<\/td><td>yes<\/td>/)
})

test('where the desired count changes, the floor in force is what counts', async () => {
  const [, , drained] = runsOf()
  if (drained === undefined) throw new Error('no run')
  const withService = (service: Partial<ServiceFigures>) => {
    const [web] = drained.figures.services
    if (web === undefined) throw new Error('no service')
    return { ...drained, figures: { ...drained.figures, services: [{ ...web, ...service }] } }
  }
  const lowered = withService({ desired: 4, floor: 4, leastRunning: 1, secondsBelowFloor: 0 })
  expect(headlineOf(lowered.figures)).toMatch(/^never below its floor, no task killed/)
  expect(renderTable([lowered])).toMatch(/least running \(of 4, floor 4\) +│ +1 │/)
  const html = await renderReport({ scenario: '', plan: aPlan(), runs: [lowered], reproduce: '' })
  expect(/least running.*?<td([^>]*)>1</.exec(html)?.[1]).toBe('')
  const large = withService({ desired: 5000, floor: 4000, leastRunning: 4000 })
  expect(headlineOf({ ...large.figures, tasksKilled: 4000 })).toMatch(
    /^4,000 tasks killed, never below its floor of 4,000/,
  )
  expect(renderTable([large])).toMatch(/least running \(of 5,000, floor 4,000\) +│ +4,000 │/)
  const inHtml = await renderReport({ scenario: '', plan: aPlan(), runs: [large], reproduce: '' })
  expect(inHtml).toMatch(/\(of 5,000, floor 4,000\)<\/span><\/th><td>4,000<\/td>/)
  const fromZero = withService({ desired: 0, floor: 0, leastRunning: 0, secondsAtZero: 57, secondsBelowFloor: 72 })
  expect(headlineOf(fromZero.figures)).toMatch(/^57 s with no running task \(web\)/)
  expect(renderTable([fromZero])).toMatch(/least running \(of 0, floor 0\) +│ +0 ! │/)
})

test('the desired count is drawn where it is not the floor, which may be later than the beginning', async () => {
  const services = [aService({ desired: 1, minimumHealthyPercent: 50 })]
  const happenings = [{ do: 'set-desired-count', atSeconds: 10, service: 'web', desired: 4 }] as const
  const pictureOf = (plan: Plan) => renderPicture({ plan, runs: [{ controller: 'none', ...simulate(plan) }] })
  const unchanged = await pictureOf(aPlan({ services, happenings: [] }))
  const grown = await pictureOf(aPlan({ services, happenings }))
  const isDotted = (svg: string) => svg.includes('stroke-dasharray="1.5,3"')
  expect([isDotted(unchanged), unchanged.includes('>floor and desired 1<')]).toEqual([false, true])
  expect([isDotted(grown), grown.includes('>floor and desired 1 at first<')]).toEqual([true, true])
  const daemon = aService({ schedulingStrategy: 'DAEMON', minimumHealthyPercent: 0, maximumPercent: 100 })
  expect(isDotted(await pictureOf(aPlan({ services: [daemon], happenings: [] })))).toBe(false)
})

test.each([
  [20, '0.02 s'],
  [450, '0.5 s'],
  [9_940, '9.9 s'],
  [61_000, '61 s'],
  [125_000, '2 min 5 s'],
  [7_200_000, '2 h'],
  [7_500_000, '2 h 5 min'],
])('%i ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('what is marked as bad is not called nothing, however short it was', async () => {
  const plan = aPlan({ services: [aService({ desired: 1 })] })
  const world = traceOf(plan)
  const instance = world.instance(0)
  const task = world.task(0, instance)
  const action = world.action(10, instance)
  world.end(19.98, action)
  world.stop(20, task, 20)
  world.task(20.02, instance)
  world.happening(30)
  const trace = world.trace()
  const runs = [{ controller: 'none', trace, ...judgeTrace(plan, trace) }]
  const rows = renderTable(runs).split('\n')
  const rowOf = (name: string) => rows.find((row) => row.includes(name))
  expect(rowOf('seconds at zero')).toContain(' 0.02 !')
  expect(rowOf('seconds from last STOPPED to completion')).toContain(' -0.02 !')
  const html = await renderReport({ scenario: '', plan, runs, reproduce: '' })
  expect(html).toContain('</span>0.02</td>')
  expect(html).toContain('</span>-0.02</td>')
})

describe('the terminal table', () => {
  test('fits 100 columns and marks what is bad without colour', () => {
    const runs = runsOf()
    const [none] = runs
    if (none === undefined) throw new Error('no runs')
    const table = renderTable([...runs, { ...none, controller: 'counting-poller' }])
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(table).toContain('109.5 !')
    expect(table).not.toContain('\u001b')
  })

  test('fits a narrower terminal as well', () => {
    const [none, ...runs] = runsOf()
    if (none === undefined) throw new Error('no run')
    const four = [none, ...runs, { ...none, controller: 'counting-poller' }]
    const lines = renderTable(four, { columns: 80 }).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBe(80)
    const firstColumn = lines.map((line) => line.split('│')[1]?.trim()).join(' ')
    expect(firstColumn).toContain('seconds from last STOPPED to completion')
    expect(renderTable(four, { columns: 200 })).toBe(renderTable(four))
    expect(renderTable(four, { columns: 20 })).not.toContain('…')
  })

  test('shares the controllers among several tables where one has no room for all', () => {
    const [none, ...runs] = runsOf()
    if (none === undefined) throw new Error('no run')
    const four = [none, ...runs, { ...none, controller: 'counting-poller' }]
    for (const columns of [64, 50, 40]) {
      const lines = renderTable(four, { columns }).split('\n')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
      const heads = lines.filter((_, index) => lines[index - 1]?.startsWith('┌')).join('│')
      const names = heads.split('│').map((head) => head.trim())
      expect(names.filter((name) => name !== '')).toEqual(four.map(({ controller }) => controller))
    }
  })

  test('is coloured only on request', () => {
    expect(renderTable(runsOf(), { colours: true })).toContain('\u001b[1;31m109.5 !')
  })
})
