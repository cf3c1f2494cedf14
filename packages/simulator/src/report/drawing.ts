/** What a picture consists of, by layer. Positions are pixels, but for x, which is a moment. */
import { x } from './frame.ts'
import { type ColourName, colour } from './palette.ts'
import type { Interval } from './timeline.ts'

export const textSize = 11
export const smallSize = 10

export interface Rect {
  readonly x: number
  readonly x2: number
  readonly y: number
  readonly y2: number
  readonly fill: string
  readonly stroke: string | null
  readonly says: string | null
}

export interface Text {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly text: string
  readonly fill: string
  readonly size: number
  readonly weight: number
  readonly align: 'left' | 'right' | 'center'
}

export interface Line {
  readonly x: number
  readonly y: number
  readonly series: string
}

export interface Area extends Line {
  readonly y2: number
}

export interface Point {
  readonly x: number
  readonly y: number
  readonly shape: string
  readonly size: number
  readonly fill: string
  readonly says: string
}

/** Everything of a picture, by layer. */
export interface Drawing {
  readonly washes: Rect[]
  readonly areas: Array<{ readonly fill: string; readonly opacity: number; readonly edges: Area[] }>
  readonly levels: Line[]
  readonly floors: Line[]
  readonly desired: Line[]
  readonly rects: Rect[]
  readonly rules: Array<{ readonly x: number; readonly y: number; readonly y2: number }>
  readonly points: Point[]
  readonly plates: Rect[]
  readonly texts: Text[]
  y: number
}

export const emptyDrawing = (): Drawing => ({
  washes: [],
  areas: [],
  levels: [],
  floors: [],
  desired: [],
  rects: [],
  rules: [],
  points: [],
  plates: [],
  texts: [],
  y: 0,
})

export const rect = (
  { from, to }: Interval,
  y: number,
  y2: number,
  fill: string,
  stroke: string | null,
  says: string | null,
): Rect => ({ x: x(from), x2: x(to), y, y2, fill, stroke, says })

export const label = (
  ms: number,
  y: number,
  text: string,
  look: { size?: number; weight?: number; fill?: ColourName; align?: Text['align']; dx?: number } = {},
): Text => ({
  x: x(ms),
  y,
  dx: look.dx ?? 0,
  text,
  fill: colour(look.fill ?? 'ink'),
  size: look.size ?? textSize,
  weight: look.weight ?? 400,
  align: look.align ?? 'left',
})

export const note = (drawing: Drawing, text: string): void => {
  drawing.texts.push(label(0, drawing.y + 10, text, { fill: 'quiet' }))
  drawing.y += 28
}

/** The edges of all areas that look like this. */
export const areasOf = ({ areas }: Drawing, fill: string, opacity: number): Area[] => {
  const known = areas.find((each) => each.fill === fill && each.opacity === opacity)
  if (known !== undefined) return known.edges
  const edges: Area[] = []
  areas.push({ fill, opacity, edges })
  return edges
}
