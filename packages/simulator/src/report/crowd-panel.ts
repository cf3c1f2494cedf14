/** A crowd of instances: counts over time in the place of a lane for each, and a few lanes as a sample. */
import { grouped, instanceText } from '../promise/promise.ts'
import type { Cast } from '../trace/trace.ts'
import { shareOverTime } from './crowd.ts'
import { areasOf, type Drawing, label, note, rect, smallSize } from './drawing.ts'
import { type Frame, x } from './frame.ts'
import { drawLane } from './instance-lane.ts'
import { colour } from './palette.ts'
import { panel } from './service-panel.ts'
import type { Lane, Timeline } from './timeline.ts'

const lanesInSample = 8
const crowdHeight = 90

/** Many instances: how many were in each state, how many tasks had each status, and a few lanes. */
export const drawCrowd = (drawing: Drawing, cast: Cast, timeline: Timeline, frame: Frame, witnesses: string): void => {
  const columns = Math.round(frame.width / 2)
  const shares = shareOverTime(timeline, frame.spanMs, columns)
  for (const [heading, bands] of [
    ['Instances by lifecycle state', shares.instances],
    ['Tasks by status', shares.tasks],
  ] as const) {
    const top = drawing.y + panel.title
    const bottom = top + crowdHeight
    const most = Math.max(1, ...(bands.at(-1)?.tops ?? []))
    const y = (count: number): number => bottom - (count / most) * crowdHeight
    drawing.texts.push(label(0, drawing.y + 8, heading, { weight: 600, size: 12 }))
    drawing.texts.push(label(0, top + 4, grouped(most), { fill: 'quiet', size: smallSize, align: 'right', dx: -6 }))
    drawing.texts.push(label(0, bottom, '0', { fill: 'quiet', size: smallSize, align: 'right', dx: -6 }))
    bands.forEach(({ fill, tops }, band) => {
      if (tops.every((count, column) => count === (bands[band - 1]?.tops[column] ?? 0))) return
      const area = areasOf(drawing, fill, 1)
      tops.forEach((count, column) => {
        const under = bands[band - 1]?.tops[column] ?? 0
        const unchanged = (at: number): boolean => tops[at] === count && (bands[band - 1]?.tops[at] ?? 0) === under
        // Only where something changes: a step goes on by itself.
        if (column > 0 && column < tops.length - 1 && unchanged(column - 1)) return
        area.push({
          x: x((column / columns) * frame.spanMs),
          y: y(count),
          y2: y(under),
          series: `${heading} ${band}`,
        })
      })
    })
    drawing.rects.push(rect({ from: 0, to: frame.spanMs }, bottom - 0.5, bottom + 0.5, colour('rule'), null, null))
    drawing.y = bottom + panel.gap
  }
  const named = timeline.lanes.filter(({ instance }) => witnesses.includes(instanceText(cast, instance)))
  const sample = sampleOf(timeline.lanes, named.slice(0, 3))
  note(drawing, `${sample.length} of ${grouped(timeline.lanes.length)} instances:`)
  for (const each of sample) drawLane(drawing, cast, each, timeline, frame)
}

/** Lanes worth a look: what witnesses name, those with killed tasks, then held ones, then others, each spread over the run. */
const sampleOf = (lanes: ReadonlyArray<Lane>, named: ReadonlyArray<Lane>): ReadonlyArray<Lane> => {
  const spread = (from: ReadonlyArray<Lane>, count: number): ReadonlyArray<Lane> =>
    from.length <= count
      ? from
      : Array.from({ length: count }, (_, index) => from[Math.floor((index * from.length) / count)] as Lane)
  const withKilled = lanes.filter(({ tasks }) => tasks.some(({ killedAt }) => killedAt !== null))
  const chosen = new Set<Lane>([...named, ...spread(withKilled, 3 - named.length)])
  const rest = lanes.filter((each) => !chosen.has(each))
  const end = Math.max(...lanes.map(({ to }) => to))
  const gone = rest.filter(({ to, held }) => held || to !== end)
  for (const each of spread(gone, lanesInSample - 2 - chosen.size)) chosen.add(each)
  const fresh = lanes.filter((each) => !chosen.has(each) && each.from > 0)
  for (const each of spread(fresh, 2)) chosen.add(each)
  for (const each of spread(
    rest.filter((one) => !chosen.has(one)),
    lanesInSample - chosen.size,
  ))
    chosen.add(each)
  return lanes.filter((each) => chosen.has(each))
}
