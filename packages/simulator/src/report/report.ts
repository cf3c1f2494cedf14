/** The report of a comparison: one HTML file that needs no network and no script, and is the same bytes for the same runs. */

import type { Figures } from '../measure/figures.ts'
import type { Plan } from '../plan/plan.ts'
import { grouped, type PromiseResult } from '../promise/promise.ts'
import type { Trace } from '../trace/trace.ts'
import { chartSpec, lanesMax, overviewSpec, worstService } from './chart.ts'
import { draw } from './draw.ts'
import { durationText, periodText } from './duration-text.ts'
import { escapeText } from './escape.ts'
import { eventListOf } from './event-list.ts'
import { type Frame, frameRight } from './frame.ts'
import { headlineOf, promisesText, unsettledText, withoutRoomText } from './headline.ts'
import { legend } from './legend.ts'
import { page } from './page.ts'
import { fontStack, paletteCss, patternDefs, pictureCss } from './palette.ts'
import { mostOf } from './service-panel.ts'
import { figuresTable, operationsTable, promisesTable } from './tables.ts'
import { type Timeline, timelineOf } from './timeline.ts'

/** One controller's run. */
export interface ReportedRun {
  readonly controller: string
  readonly trace: Trace
  readonly figures: Figures
  readonly promises: ReadonlyArray<PromiseResult>
}

/** What a report is about. */
export interface ReportOptions {
  /** The scenario's name. */
  readonly scenario: string
  readonly plan: Plan
  readonly runs: ReadonlyArray<ReportedRun>
  /** The command line that makes these runs again. */
  readonly reproduce: string
}

/** Of the axis and the numbers left of it together. */
const wide = { width: 1070, leastLeft: 34 }
const narrow = { width: 334, leastLeft: 28 }

/** Events listed per run. */
const eventsMax = 1200
const eventsMaxOfCrowd = 600

/** The whole report as HTML text. */
export const renderReport = async (options: ReportOptions): Promise<string> => {
  const { scenario, plan, runs } = options
  const timelines = runs.map(({ trace }) => timelineOf(plan, trace))
  const frames = framesOf(timelines, sharedScales(timelines))
  const sections: string[] = []
  for (const [index, run] of runs.entries()) {
    const timeline = timelines[index]
    if (timeline !== undefined) sections.push(await runSection(plan, run, timeline, index, frames))
  }
  const overview = runs.length > 1 ? await overviewFigure(runs, timelines, frames) : ''
  const title = `${scenario}: ${runs.map(({ controller }) => controller).join(', ')}`
  return page(title, [
    `<svg class="hidden-defs" width="0" height="0" aria-hidden="true">${patternDefs}</svg>`,
    '<header>',
    `<h1>${escapeText(scenario)}</h1>`,
    ...plan.teaches.split('\n\n').map((paragraph) => `<p>${escapeText(paragraph)}</p>`),
    outcome(runs),
    withoutRoom(options),
    '</header>',
    '<main>',
    `<section aria-label="Comparison">${overview}${figuresTable(runs)}${promisesTable(runs)}`,
    `<details><summary>AWS API calls by operation</summary>${operationsTable(runs)}</details></section>`,
    `<section aria-labelledby="legend"><h2 id="legend">How to read the pictures</h2>`,
    `<p class="quiet">All runs are drawn on the same time axis. Each host is a strip, its tasks are the bars below it. `,
    `<span class="on-screen">Hover over a bar or a mark to see what it is.</span></p>${legend()}</section>`,
    ...sections,
    reproduction(options),
    '</main>',
    `<footer>Seed ${plan.seed}. Virtual time begins at ${escapeText(plan.start)}. `,
    'Everything here was computed from the traces of simulated runs; no AWS account was touched.</footer>',
  ])
}

type SharedScales = Pick<Frame, 'spanMs' | 'most'>

/** The drawings of a report in both widths, with room for the longest number left of the axis. */
const framesOf = (timelines: ReadonlyArray<Timeline>, shared: SharedScales) => {
  const counts = timelines.map(({ lanes }) => (lanes.length > lanesMax ? crowdMost(lanes) : 0))
  const digits = grouped(Math.max(...shared.most, ...counts)).length
  return (
    [
      ['wide', wide],
      ['narrow', narrow],
    ] as const
  ).map(([name, { width, leastLeft }]) => {
    const left = Math.max(leastLeft, 10 + 7 * digits)
    return { name, frame: { ...shared, left, width: width - left } }
  })
}

type Frames = ReturnType<typeof framesOf>

/** At most so many instances or tasks are counted at once. */
const crowdMost = (lanes: Timeline['lanes']): number =>
  Math.max(
    lanes.length,
    lanes.reduce((sum, { tasks }) => sum + tasks.length, 0),
  )

/** One time axis, which ends a little after the last change in any run, and one axis per service. */
const sharedScales = (timelines: ReadonlyArray<Timeline>): SharedScales => ({
  spanMs: Math.ceil((Math.max(1000, ...timelines.map(({ lastChangeMs }) => lastChangeMs)) * 1.02) / 1000) * 1000,
  most: (timelines[0]?.services ?? []).map((_, service) =>
    Math.max(...timelines.map(({ services }) => mostOf(services[service] ?? { desireds: [], steps: [] }))),
  ),
})

const whatItDoes: Readonly<Record<string, string>> = {
  none: 'no lifecycle hook',
  'counting-poller': 'asks runningTasksCount on a timer',
  article: 'looks at runningTasksCount when a task has stopped',
  'ecs-drain': 'waits until every task is STOPPED',
}

const outcome = (runs: ReadonlyArray<ReportedRun>): string => {
  const items = runs.map(({ controller, figures, promises }, index) => {
    const sign = signOf(promises)
    return (
      `<li>${sign}<span><a href="#run-${index}"><b>${escapeText(controller)}</b></a>` +
      `<small>${escapeText(whatItDoes[controller] ?? '')}</small></span>` +
      `<span>${escapeText(headlineOf(figures))}<small>${escapeText(promisesText(promises))}</small></span></li>`
    )
  })
  return `<ul class="outcome">${items.join('')}</ul>`
}

const withoutRoom = ({ plan, runs: [run] }: ReportOptions): string => {
  const text = run === undefined ? '' : withoutRoomText(plan, run.figures)
  return text === '' ? '' : `<p class="note">${escapeText(text)}</p>`
}

/** A tick is only for what was asked of it in full: tasks may have been killed where AWS's own rules leave no way to keep them. */
const signOf = (promises: ReadonlyArray<PromiseResult>): string => {
  if (promises.some(({ held }) => !held)) return '<span class="sign bad" aria-hidden="true">✕</span>'
  return promises.some(({ excluded }) => excluded.length > 0)
    ? '<span class="sign quiet" aria-hidden="true">–</span>'
    : '<span class="sign good" aria-hidden="true">✓</span>'
}

const overviewFigure = async (
  runs: ReadonlyArray<ReportedRun>,
  timelines: ReadonlyArray<Timeline>,
  frames: Frames,
): Promise<string> => {
  const named = runs.flatMap(({ controller }, index) => {
    const timeline = timelines[index]
    return timeline === undefined ? [] : [{ controller, timeline }]
  })
  const worst = worstService(timelines)
  if (worst === undefined) return ''
  const services = timelines[0]?.services ?? []
  const others = services.length > 1 ? ' No other service was without a task for longer.' : ''
  const caption = `Healthy tasks of ${services[worst]?.name ?? ''} under each controller, on one time axis.${others}`
  const text = named
    .map(({ controller, timeline }) => {
      const shown = { ...timeline, services: timeline.services.slice(worst, worst + 1) }
      return `${controller}: ${zeroText(shown, 'never without a running task while one was wanted.')}`
    })
    .join(' ')
  const pictures: string[] = []
  for (const { name, frame } of frames) {
    const svg = await draw(overviewSpec(named, worst, frame), `${name}-all`)
    pictures.push(`<div class="${name}">${asImage(svg, escapeText(`${caption} ${text}`))}</div>`)
  }
  return `<figure class="overview"><figcaption>${escapeText(caption)}</figcaption>${pictures.join('')}</figure>`
}

const runSection = async (
  plan: Plan,
  run: ReportedRun,
  timeline: Timeline,
  index: number,
  frames: Frames,
): Promise<string> => {
  const { controller, trace, figures, promises } = run
  const headline = headlineOf(figures)
  const witnesses = promises.map(({ witness }) => witness ?? '').join(' ')
  const alternative = escapeText(
    `${controller}: ${headline}. ${zeroText(timeline)} The figures and the event list of this run say the same in text.`,
  )
  const pictures: string[] = []
  for (const { name, frame } of frames) {
    const svg = await draw(chartSpec(trace.cast, timeline, frame, witnesses), `${name}-${index}`)
    pictures.push(`<div class="${name}">${asImage(svg, alternative)}</div>`)
  }
  const aggregated =
    timeline.lanes.length > lanesMax
      ? ` ${grouped(timeline.lanes.length)} instances are counted; a few are shown one by one.`
      : ''
  const caption = `${escapeText(zeroText(timeline))}${aggregated}${unsettledText(plan, trace)}`
  return [
    `<section class="run" aria-labelledby="run-${index}">`,
    `<h2 id="run-${index}">${escapeText(controller)}</h2>`,
    `<p class="lead">${escapeText(headline)}.</p>`,
    `<figure>${pictures.join('')}<figcaption>${caption}</figcaption></figure>`,
    promiseList(promises),
    events(plan, run, timeline),
    '</section>',
  ].join('\n')
}

const asImage = (svg: string, alternative: string): string =>
  svg.replace('<svg ', () => `<svg role="img" aria-label="${alternative}" `)

/** Every period in which a service had no running task, in words; `never`: there was none. */
const zeroText = (timeline: Timeline, never = 'No service was without a running task while it wanted one.'): string => {
  const periods = timeline.services.flatMap(({ name, zero }) =>
    zero.map(
      (each) =>
        `${name} had no running task for ${durationText(each.to - each.from)}, from ${periodText(each, timeline)}.`,
    ),
  )
  return periods.length === 0 ? never : periods.join(' ')
}

const promiseList = (promises: ReadonlyArray<PromiseResult>): string => {
  const broken = promises.filter(({ held }) => !held)
  const excluded = promises.flatMap(({ name, excluded: reasons }) => reasons.map((reason) => ({ name, reason })))
  const lines = [
    ...broken.map(
      ({ name, says, witness }) =>
        `<li class="broken"><b class="bad">${escapeText(name)} was broken</b> ${escapeText(witness ?? '')}. ` +
        `<span class="quiet">Promised: ${escapeText(says)}</span></li>`,
    ),
    ...excluded
      .slice(0, exclusionsMax)
      .map(({ name, reason }) => `<li><b>${escapeText(name)}</b>, not counted: ${escapeText(reason)}.</li>`),
    ...(excluded.length > exclusionsMax
      ? [`<li>${grouped(excluded.length - exclusionsMax)} more are not counted.</li>`]
      : []),
  ]
  return lines.length === 0 ? '' : `<ul class="witness">${lines.join('')}</ul>`
}
const exclusionsMax = 8

const events = (plan: Plan, { controller, trace }: ReportedRun, timeline: Timeline): string => {
  const { lines, leftOut } = eventListOf(plan, trace, timeline.lanes.length > lanesMax ? eventsMaxOfCrowd : eventsMax)
  const rows = lines.map(
    ({ seconds, what, about }) => `<tr><td>${seconds}<td>${breakable(escapeText(what))}<td>${escapeText(about)}`,
  )
  const omitted = leftOut.reduce((sum, { count }) => sum + count, 0)
  const which = leftOut.map(({ what, count }) => `${what} ${grouped(count)}`).join(', ')
  const note =
    omitted === 0
      ? ''
      : `<p class="note">${grouped(omitted)} of ${grouped(trace.length)} events are left out (${escapeText(which)}); ` +
        '<code>--trace FILE</code> writes all.</p>'
  const count =
    lines.length === trace.length
      ? `All ${grouped(trace.length)}`
      : `${grouped(lines.length)} of ${grouped(trace.length)}`
  return (
    `<details><summary>${count} events</summary>${note}` +
    `<table class="events" aria-label="Events of ${escapeText(controller)}">` +
    `<thead><tr><th scope="col">second<th scope="col">what<th scope="col">about</thead><tbody>\n` +
    `${rows.join('\n')}\n</tbody></table></details>`
  )
}

/** Names of several words in one: where there is little room, they are broken between these. */
const breakable = (html: string): string => html.replace(/([a-z:])(?=[A-Z])/g, '$1<wbr>')

const reproduction = ({ plan, runs, reproduce }: ReportOptions): string => {
  const hashes = runs.map(
    ({ controller, trace }) =>
      `<tr><th scope="row">${escapeText(controller)}</th><td><code>${escapeText(trace.hash)}</code></td></tr>`,
  )
  return [
    '<section aria-labelledby="reproduce"><h2 id="reproduce">Make these runs again</h2>',
    '<p class="quiet">A run depends on its plan alone. The same plan gives the same traces, on any machine.',
    `${runs.length > 1 ? ' For several runs together, the command prints one hash over all of these.' : ''}</p>`,
    `<pre class="command"><code>${escapeText(reproduce)}</code></pre>`,
    '<div class="scroll"><table aria-labelledby="reproduce">',
    '<thead><tr><th scope="col">Controller</th><th scope="col">Trace hash</th></tr></thead>',
    `<tbody>${hashes.join('')}</tbody></table></div>`,
    `<details><summary>The plan</summary><pre tabindex="0"><code>${escapeText(JSON.stringify(plan, null, 2))}</code></pre></details>`,
    '</section>',
  ].join('\n')
}

/** Some runs side by side as one SVG file of its own, light or dark as the reader's system is. For a README. */
export const renderPicture = async (options: {
  readonly plan: Plan
  readonly runs: ReadonlyArray<Pick<ReportedRun, 'controller' | 'trace' | 'figures'>>
  /** What stands above each run; its controller's name where there is none. */
  readonly titles?: ReadonlyArray<string>
}): Promise<string> => {
  const { plan, runs, titles = [] } = options
  const timelines = runs.map(({ trace }) => timelineOf(plan, trace))
  const frame: Frame = { width: 440, left: 30, ...sharedScales(timelines) }
  const panelWidth = frame.left + frame.width + frameRight
  const gap = 28
  const top = 58
  const panels: string[] = []
  let height = 0
  for (const [index, run] of runs.entries()) {
    const timeline = timelines[index]
    if (timeline === undefined) continue
    const svg = await draw(chartSpec(run.trace.cast, timeline, frame), `picture-${index}`)
    height = Math.max(height, Number(/viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(svg)?.[1] ?? 0))
    const left = index * (panelWidth + gap)
    panels.push(
      `<g transform="translate(${left + 16},${top})">${svg}</g>` +
        `<text x="${left + 16 + frame.left}" y="26" font-size="16" font-weight="650" fill="var(--ink)">` +
        `${escapeText(titles[index] ?? run.controller)}</text>` +
        `<text x="${left + 16 + frame.left}" y="45" font-size="12" fill="var(--quiet)">${escapeText(shortHeadline(run.figures))}</text>`,
    )
  }
  const width = runs.length * panelWidth + (runs.length - 1) * gap + 32
  const alternative = runs.map(({ controller, figures }) => `${controller}: ${headlineOf(figures)}.`).join(' ')
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + top + 8}" ` +
    `viewBox="0 0 ${width} ${height + top + 8}" role="img" aria-label="${escapeText(alternative)}" ` +
    `font-family="${escapeText(fontStack)}"><style>${paletteCss(':root')}${pictureCss}</style>${patternDefs}` +
    `<rect width="100%" height="100%" fill="var(--paper)"/>${panels.join('')}</svg>\n`
  )
}

/** As much of the headline as fits over half a picture. */
const shortHeadline = (figures: Figures): string => headlineOf(figures).split(', ').slice(0, 2).join(', ')
