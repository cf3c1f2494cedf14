/** The report of a storm: one HTML file without network or script, the same bytes for the same campaign. */

import { counted, grouped } from '../promise/promise.ts'
import { type Campaign, seedsOfShard } from '../storm/campaign.ts'
import { campaignHash, type Tally } from '../storm/tally.ts'
import { stormProfiles } from '../storm/weather.ts'
import { escapeText } from './escape.ts'
import { page } from './page.ts'
import {
  coverageTable,
  emptyCell,
  emptyCellsOf,
  faultsStruck,
  promiseTable,
  type StormTable,
  statesTable,
  unreachedOf,
  virtualTimeText,
} from './storm-rows.ts'

/** A seed that failed, as it is told to people. */
export interface ToldFailure {
  readonly text: string
  /** What to type to see it again. */
  readonly command: string
}

/** What a storm's report is about. */
export interface StormReportOptions {
  readonly campaign: Campaign
  readonly tally: Tally
  readonly failures: ReadonlyArray<ToldFailure>
  /** The command line that runs this campaign again. */
  readonly reproduce: string
}

/** The whole report as HTML text. */
export const renderStormReport = ({ campaign, tally, failures, reproduce }: StormReportOptions): string => {
  const shard = campaign.shard.count === 1 ? '' : `, shard ${campaign.shard.index} of ${campaign.shard.count}`
  const title = `Storm over ${grouped(seedsOfShard(campaign))} seeds from ${campaign.firstSeed}${shard}`
  const held = failures.length === 0
  return page(title, [
    '<header>',
    `<h1>${escapeText(title)}</h1>`,
    `<p>${escapeText(leadOf(tally))}</p>`,
    '<ul class="outcome"><li>',
    held
      ? '<span class="sign good" aria-hidden="true">✓</span><b>ecs-drain</b><span>every promise held</span>'
      : `<span class="sign bad" aria-hidden="true">✕</span><b>ecs-drain</b><span>${counted(failures.length, 'failure')} below</span>`,
    '</li></ul>',
    '</header>',
    '<main>',
    failures.length === 0 ? '' : failuresSection(failures),
    `<section aria-label="Promises">${tableHtml(promiseTable(tally))}${noteHtml(promisesSay)}</section>`,
    `<section aria-label="Coverage">${tableHtml(coverageTable(tally))}${noteHtml(phasesSay)}${emptyCellsHtml(tally)}</section>`,
    `<section aria-label="States">${tableHtml(statesTable(tally))}${noteHtml(statesSay)}${unreachedHtml(tally)}</section>`,
    '<section aria-labelledby="again"><h2 id="again">Again</h2>',
    `<pre class="command"><code>${escapeText(reproduce)}</code></pre>`,
    `<p class="quiet">Campaign hash ${campaignHash(tally)}: a sum over the traces of all seeds, `,
    'the same however they are dealt out.</p></section>',
    '</main>',
    '<footer>Everything here was counted in simulated runs; no AWS account was touched.</footer>',
  ])
}

const leadOf = (tally: Tally): string => {
  const profiles = stormProfiles.map(
    (name, index) => `${grouped(tally.byProfile[index] ?? 0)} ${name} (${weatherSays[name]})`,
  )
  return (
    'Each seed is a cluster of its own, with replacements of its instances, in a weather of its own: ' +
    `${profiles.join(', ')}. ${grouped(faultsStruck(tally))} faults struck in ` +
    `${virtualTimeText(tally)} of virtual time.`
  )
}

const weatherSays: Readonly<Record<(typeof stormProfiles)[number], string>> = {
  swarm: 'some kinds of faults, each at a rate of its own',
  strong: 'all kinds, often',
  weak: 'all kinds, rarely',
  calm: 'none',
}

const failuresSection = (failures: ReadonlyArray<ToldFailure>): string =>
  `<section aria-labelledby="failures"><h2 id="failures">Failures</h2><ul class="witness">${failures
    .map(
      ({ text, command }) =>
        `<li class="broken">${escapeText(text).replaceAll('\n', '<br>')}` +
        `<pre class="command"><code>${escapeText(command)}</code></pre></li>`,
    )
    .join('')}</ul></section>`

const tableHtml = ({ caption, head, rows }: StormTable): string => {
  const heads = head.map((name) => `<th scope="col">${escapeText(name)}</th>`).join('')
  const body = rows
    .map(({ name, cells, bad }) => {
      const tds = cells.map((text, index) => cellHtml(text, bad && index === cells.length - 1))
      return `<tr><th scope="row">${escapeText(name).replaceAll('.', '.<wbr>')}</th>${tds.join('')}</tr>`
    })
    .join('')
  return (
    `<div class="scroll" role="region" aria-label="${escapeText(caption)}" tabindex="0"><table>` +
    `<caption>${escapeText(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`
  )
}

const noteHtml = (text: string): string => `<p class="note">${escapeText(text)}</p>`

const promisesSay =
  'Occasions: how often a promise could have been broken. Excluded: what does not count against ecs-drain, such as a host that dies.'
const phasesSay =
  'The phase is that of the drain which the fault met. Announced: the lifecycle action has begun, and no message about it has arrived.'
const statesSay = 'Names without spaces are those of stored events. Seeds: how many runs came through.'

// Never by colour alone: what is bad or empty has a sign besides.
const cellHtml = (text: string, bad: boolean): string => {
  if (text === emptyCell) return '<td class="bad" title="never reached">–</td>'
  return bad
    ? `<td class="bad"><span aria-hidden="true">▲&nbsp;</span>${escapeText(text)}</td>`
    : `<td>${escapeText(text)}</td>`
}

const emptyCellsHtml = (tally: Tally): string => {
  const empty = emptyCellsOf(tally)
  if (empty.length === 0) return '<p class="note">Every fault met every phase.</p>'
  return `<p class="note">Never met, so nothing is shown of it: ${escapeText(empty.join('; '))}.</p>`
}

const unreachedHtml = (tally: Tally): string => {
  const unreached = unreachedOf(tally)
  return unreached.length === 0 ? '' : `<p class="note">Never reached: ${escapeText(unreached.join(', '))}.</p>`
}
