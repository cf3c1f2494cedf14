/** A drawing as a Vega-Lite specification: its layers in their order, on one time axis. */
import type { Spec } from './draw.ts'
import { type Drawing, type Line, type Rect, smallSize, type Text, textSize } from './drawing.ts'
import { type Frame, frameRight, pixels, textWidth, x } from './frame.ts'
import { colour, fontStack } from './palette.ts'

/** Seconds, as all that is said of a run has them; hours only where seconds get too many to read. */
const inHours = (spanMs: number): boolean => spanMs > 7_200_000

const stepsOfSeconds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]
const stepsOfHours = [600, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800]

/** Round steps of time with about `width / 80` ticks. */
const ticksOf = ({ width, spanMs }: Frame): ReadonlyArray<number> => {
  const steps = inHours(spanMs) ? stepsOfHours : stepsOfSeconds
  const wanted = spanMs / 1000 / Math.max(3, width / 80)
  const step = steps.find((each) => each >= wanted) ?? wanted
  return Array.from({ length: Math.floor(spanMs / 1000 / step) + 1 }, (_, index) => index * step)
}

/** A name may have 255 characters: what would go on beyond the picture is cut. */
const fitted = (text: Text, frame: Frame): Text => {
  if (text.align !== 'left') return text
  const room = frame.width + frameRight - pixels(text.x * 1000, frame) - text.dx
  const most = Math.floor(room / textWidth('x', text.size) / (text.weight > 400 ? 1.15 : 1))
  return text.text.length > most ? { ...text, text: `${text.text.slice(0, Math.max(0, most - 1))}…` } : text
}

export const specOf = (drawing: Drawing, frame: Frame): Spec => {
  const height = Math.ceil(drawing.y)
  const ticks = ticksOf(frame)
  const hours = inHours(frame.spanMs)
  const xChannel = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [0, x(frame.spanMs)], nice: false, zero: false },
    axis: {
      values: ticks,
      title: hours ? 'virtual time since the start of the run (h:min)' : 'virtual seconds since the start of the run',
      labelExpr: hours
        ? "floor(datum.value / 3600) + ':' + pad(floor(datum.value / 60) % 60, 2, '0', 'left')"
        : "format(datum.value, ',')",
      labelFlush: 14,
      labelOverlap: false,
      grid: true,
      zindex: 0,
    },
  }
  const yChannel = (field: string) => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, height], reverse: true, nice: false, zero: false },
    axis: null,
  })
  const rects = (values: ReadonlyArray<Rect>, opacity = 1, radius = 0) => ({
    data: { values },
    mark: { type: 'rect', opacity, cornerRadius: radius, strokeWidth: 0.9 },
    encoding: {
      x: xChannel,
      x2: { field: 'x2' },
      y: yChannel('y'),
      y2: { field: 'y2' },
      fill: { field: 'fill', type: 'nominal', scale: null },
      stroke: { field: 'stroke', type: 'nominal', scale: null },
      description: { field: 'says', type: 'nominal' },
    },
  })
  const lines = (values: ReadonlyArray<Line>, look: Spec) => ({
    data: { values },
    mark: { type: 'line', aria: false, interpolate: 'step-after', ...look },
    encoding: { x: xChannel, y: yChannel('y'), detail: { field: 'series', type: 'nominal' } },
  })
  const areas = drawing.areas.map(({ fill, opacity, edges }) => ({
    data: { values: edges },
    mark: {
      type: 'area',
      aria: false,
      interpolate: 'step-after',
      fill,
      opacity,
      line: false,
    },
    encoding: {
      x: xChannel,
      y: { ...yChannel('y'), stack: null },
      y2: { field: 'y2' },
      detail: { field: 'series', type: 'nominal' },
    },
  }))
  const layer = [
    rects(drawing.washes, 0.45),
    ...areas,
    {
      data: { values: drawing.rules },
      mark: { type: 'rule', aria: false, stroke: colour('quiet'), strokeDash: [2, 3] },
      encoding: { x: xChannel, y: yChannel('y'), y2: { field: 'y2' } },
    },
    rects(drawing.rects),
    lines(drawing.desired, { stroke: colour('quiet'), strokeWidth: 1.5, strokeDash: [1.5, 3] }),
    lines(drawing.levels, { stroke: colour('line'), strokeWidth: 2 }),
    lines(drawing.floors, { stroke: colour('floor'), strokeWidth: 1.5, strokeDash: [6, 4] }),
    {
      data: { values: drawing.points },
      mark: { type: 'point', filled: true, opacity: 1, stroke: colour('paper'), strokeWidth: 0.75 },
      encoding: {
        x: xChannel,
        y: yChannel('y'),
        shape: { field: 'shape', type: 'nominal', scale: null },
        size: { field: 'size', type: 'quantitative', scale: null },
        fill: { field: 'fill', type: 'nominal', scale: null },
        description: { field: 'says', type: 'nominal' },
      },
    },
    rects(drawing.plates, 1, 3),
    {
      data: { values: drawing.texts.map((text) => fitted(text, frame)) },
      mark: {
        type: 'text',
        baseline: 'middle',
        align: { expr: 'datum.align' },
        dx: { expr: 'datum.dx' },
        fontSize: { expr: 'datum.size' },
        fontWeight: { expr: 'datum.weight' },
      },
      encoding: {
        x: xChannel,
        y: yChannel('y'),
        text: { field: 'text', type: 'nominal' },
        fill: { field: 'fill', type: 'nominal', scale: null },
      },
    },
  ].filter(({ data }) => data.values.length > 0)
  return {
    width: frame.width,
    height,
    autosize: { type: 'none' },
    padding: { left: frame.left, right: frameRight, top: 2, bottom: 40 },
    background: null,
    layer,
    config: {
      font: fontStack,
      view: { stroke: null },
      axis: {
        domainColor: colour('rule'),
        gridColor: colour('grid'),
        tickColor: colour('rule'),
        labelColor: colour('quiet'),
        titleColor: colour('quiet'),
        labelFontSize: smallSize,
        titleFontSize: textSize,
        titleFontWeight: 'normal',
      },
    },
  }
}
