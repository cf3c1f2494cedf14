/** What the drawings' colours, patterns and shapes mean. */
import { markGroups } from './decision-mark.ts'
import { escapeText } from './escape.ts'
import { colour, edgeOf, stateFill, taskFill } from './palette.ts'

const swatch = (fill: string, stroke = edgeOf(fill) ?? 'none'): string =>
  `<svg width="18" height="12" aria-hidden="true"><rect x="0.5" y="0.5" width="17" height="11" fill="${fill}" stroke="${stroke}"/></svg>`

const line = (stroke: string, width: number, dashes = ''): string =>
  `<svg width="26" height="12" aria-hidden="true"><path d="M0,6H26" stroke="${stroke}" stroke-width="${width}"` +
  `${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}/></svg>`

const symbols: Readonly<Record<string, string>> = {
  'triangle-down': 'M2,3H12L7,11Z',
  square: 'M3,2.5H11V10.5H3Z',
  diamond: 'M7,1.5L11,6.5L7,11.5L3,6.5Z',
  circle: 'M7,2.5a4,4 0 1 1 0,8a4,4 0 1 1 0,-8Z',
  'triangle-up': 'M2,11H12L7,3Z',
  cross: 'M5.5,2h3v3h3v3h-3v3h-3v-3h-3v-3h3Z',
  stroke: 'M2,5.5H12V7.5H2Z',
}

const symbol = (shape: string, fill: string): string =>
  `<svg width="14" height="13" aria-hidden="true"><path d="${symbols[shape] ?? ''}" fill="${fill}"/></svg>`

const killed =
  '<svg width="12" height="12" aria-hidden="true"><path d="M1.5,1.5L10.5,10.5M10.5,1.5L1.5,10.5" ' +
  `stroke="${colour('zero')}" stroke-width="2.5"/></svg>`

const list = (entries: ReadonlyArray<readonly [string, string]>): string =>
  `<ul class="legend">${entries.map(([drawn, says]) => `<li>${drawn}<span>${escapeText(says)}</span></li>`).join('')}</ul>`

export const legend = (): string =>
  '<dl class="legends">' +
  '<dt>Services</dt><dd>' +
  list([
    [line(colour('line'), 2), 'healthy tasks: running on a living host and counted towards the floor'],
    [line(colour('floor'), 1.5, '6 4'), 'floor: the fewest that ECS may leave, desired count x minimumHealthyPercent'],
    [line(colour('quiet'), 1.5, '1.5 3'), 'desired count, where it is not the floor'],
    [swatch('url(#hatch-zero)', colour('zero')), 'no running task'],
  ]) +
  '</dd><dt>Instances</dt><dd>' +
  list([
    [swatch(stateFill.Pending), 'Pending'],
    [swatch(stateFill.InService), 'InService'],
    [swatch(stateFill['Terminating:Wait']), 'held by its hook (Terminating:Wait)'],
    [swatch(stateFill['Terminating:Proceed']), 'Terminating'],
    [swatch(stateFill['Warmed:Stopped']), 'retained, or in the warm pool'],
    [line(colour('floor'), 3), 'container instance DRAINING'],
    [line(colour('zero'), 3, '4 2'), 'agent disconnected'],
  ]) +
  '</dd><dt>Tasks</dt><dd>' +
  list([
    [swatch(taskFill.PENDING), 'PROVISIONING to ACTIVATING'],
    [swatch(taskFill['RUNNING, not counted']), 'RUNNING, not counted'],
    [swatch(taskFill.RUNNING), 'RUNNING and healthy'],
    [swatch(taskFill.DEACTIVATING), 'DEACTIVATING'],
    [swatch(taskFill.STOPPING), 'STOPPING'],
    [swatch(taskFill.DEPROVISIONING), 'DEPROVISIONING'],
    [killed, 'killed with its host'],
    [swatch(taskFill['host gone'], colour('zero')), 'host gone, ECS has not noticed'],
  ]) +
  '</dd><dt>Controller</dt><dd>' +
  list(Object.values(markGroups).map(({ shape, fill, says }) => [symbol(shape, colour(fill)), says])) +
  '</dd></dl>'
