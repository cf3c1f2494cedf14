/**
 * Colours by name. A drawing says `var(--running)`, and the style sheet gives it a value for light and for dark, so one
 * drawing serves both. The hues are those of Okabe and Ito, which people with any colour vision tell apart; what
 * matters most has a pattern or a shape besides.
 */
import type { LifecycleState } from '../trace/trace.ts'
import type { TaskLook } from './timeline.ts'

/** [light, dark] */
const colours = {
  paper: ['#ffffff', '#14171a'],
  panel: ['#f6f7f8', '#1c2024'],
  ink: ['#1b1f23', '#e6e9ec'],
  quiet: ['#57606a', '#a3acb5'],
  rule: ['#d5dade', '#343a40'],
  grid: ['#e6e9ec', '#2a2f34'],
  link: ['#0b5cad', '#7cc0ff'],
  // Services
  line: ['#1b1f23', '#f0f2f4'],
  area: ['#0072b2', '#4aa8e0'],
  floor: ['#8a4b00', '#ffb454'],
  zero: ['#c0182b', '#ff6b70'],
  'zero-wash': ['#fbe3e5', '#4a1d22'],
  good: ['#00684b', '#43d3a6'],
  // Tasks
  starting: ['#8ecbee', '#8ecbee'],
  running: ['#00649e', '#2878ad'],
  'on-running': ['#ffffff', '#ffffff'],
  deactivating: ['#e69f00', '#e69f00'],
  'deactivating-edge': ['#8f6300', '#e69f00'],
  'starting-edge': ['#3d7fa8', '#8ecbee'],
  stopping: ['#b8588f', '#d98cb7'],
  deprovisioning: ['#8b8f94', '#7c8288'],
  // Instances
  pending: ['#c9ced3', '#4a5157'],
  'in-service': ['#7b8794', '#7f8a95'],
  waiting: ['#f0d52e', '#f0e442'],
  'waiting-edge': ['#857300', '#f0e442'],
  leaving: ['#33383d', '#59616a'],
  pooled: ['#009e73', '#2fc294'],
} as const

export type ColourName = keyof typeof colours

export const colour = (name: ColourName): string => `var(--${name})`

const declarations = (index: 0 | 1): string =>
  Object.entries(colours)
    .map(([name, pair]) => `--${name}:${pair[index]}`)
    .join(';')

/** Custom properties for a selector: light, dark where the reader's system says so, light on paper. */
export const paletteCss = (selector: string): string =>
  `${selector}{color-scheme:light dark;${declarations(0)}}` +
  `@media (prefers-color-scheme:dark){${selector}{${declarations(1)}}}` +
  `@media print{${selector}{color-scheme:light;${declarations(0)}}}`

/** Text over lines is read by its halo; on a bar it needs none. */
export const pictureCss =
  'text{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}' +
  'text[fill="var(--on-running)"]{stroke:none}'

/** Patterns that drawings refer to by id. One definition serves all drawings of a document. */
export const patternDefs =
  '<defs>' +
  '<pattern id="hatch-zero" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<rect width="7" height="7" fill="var(--zero-wash)"/><rect width="2.5" height="7" fill="var(--zero)"/></pattern>' +
  '<pattern id="hatch-uncounted" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<rect width="5" height="5" fill="var(--starting)"/><rect width="2.2" height="5" fill="var(--running)"/></pattern>' +
  '<pattern id="hatch-stopping" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">' +
  '<rect width="5" height="5" fill="var(--stopping)"/><rect width="1.4" height="5" fill="var(--paper)"/></pattern>' +
  '<pattern id="dots-gone" width="5" height="5" patternUnits="userSpaceOnUse">' +
  '<rect width="5" height="5" fill="var(--paper)"/><circle cx="2.5" cy="2.5" r="0.9" fill="var(--zero)"/></pattern>' +
  '<pattern id="hatch-pending" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<rect width="5" height="5" fill="var(--panel)"/><rect width="2" height="5" fill="var(--in-service)"/></pattern>' +
  '<pattern id="bars-pooled" width="6" height="6" patternUnits="userSpaceOnUse">' +
  '<rect width="6" height="6" fill="var(--pooled)"/><rect width="1.6" height="6" fill="var(--paper)"/></pattern>' +
  '<pattern id="dashes-away" width="6" height="6" patternUnits="userSpaceOnUse">' +
  '<rect width="6" height="6" fill="var(--paper)"/><rect width="4" height="6" fill="var(--zero)"/></pattern>' +
  '</defs>'

/** What fills a task's bar. */
export const taskFill: Readonly<Record<TaskLook, string>> = {
  PROVISIONING: colour('starting'),
  PENDING: colour('starting'),
  ACTIVATING: colour('starting'),
  'RUNNING, not counted': 'url(#hatch-uncounted)',
  RUNNING: colour('running'),
  DEACTIVATING: colour('deactivating'),
  STOPPING: 'url(#hatch-stopping)',
  DEPROVISIONING: colour('deprovisioning'),
  'host gone': 'url(#dots-gone)',
}

/** What fills an instance's strip. */
export const stateFill: Readonly<Record<LifecycleState, string>> = {
  Pending: 'url(#hatch-pending)',
  InService: colour('in-service'),
  Terminating: colour('leaving'),
  'Terminating:Wait': colour('waiting'),
  'Terminating:Proceed': colour('leaving'),
  'Terminating:Retained': 'url(#bars-pooled)',
  Terminated: 'none',
  'Warmed:Pending': colour('leaving'),
  'Warmed:Pending:Wait': colour('waiting'),
  'Warmed:Pending:Proceed': colour('leaving'),
  'Warmed:Stopped': 'url(#bars-pooled)',
  'Warmed:Pending:Retained': 'url(#bars-pooled)',
}

/** Light fills have an edge that stands out from the paper. */
export const edgeOf = (fill: string): string | null => edges[fill] ?? null

const edges: Readonly<Record<string, string>> = {
  [colour('starting')]: colour('starting-edge'),
  [colour('deactivating')]: colour('deactivating-edge'),
  [colour('waiting')]: colour('waiting-edge'),
}

/** System fonts: nothing is loaded. */
export const fontStack = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
