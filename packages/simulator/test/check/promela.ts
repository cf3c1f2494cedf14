/**
 * A model as a Promela program, for Spin. What one instance can do comes from core, so it is a table in both; how two
 * instances, the service, the clock and the misfortunes combine is written a second time here, in another language, and
 * Spin walks and stores the states its own way. Equal numbers of states and transitions are a check of both.
 */

import { explore } from '../../src/check/explore.ts'
import { stepWidth } from '../../src/check/graph/share-graph.ts'
import type { Model } from '../../src/check/model.ts'
import { partsOf } from '../../src/check/parts.ts'
import { firstCommon, pricesOf } from '../../src/check/state/cluster-state.ts'
import { everyState } from './every-state.ts'

/** A Promela program, and the C that it includes: Spin takes neither long tables nor calls in guards from the program itself. */
export interface Promela {
  readonly program: string
  readonly tables: string
}

/** A model as a program, with its tables. The model is explored once for them. */
export const promelaOf = (model: Model): Promela => {
  const parts = partsOf(model)
  everyState(parts)
  const { shares } = parts
  const begins: Array<number> = []
  const targets: Array<number> = []
  const terms: Array<number> = []
  const ticks: Array<number> = []
  const counts: Array<number> = []
  let widest = 0
  for (let share = 0; share < shares.size(); share += 1) {
    begins.push(targets.length)
    // Where it was only met when no misfortune was left, none can be taken; what was never expanded leads nowhere.
    const misfortunes = shares.from(share, 1) === -1 ? 0 : 1
    const from = Math.max(shares.from(share, misfortunes), 0)
    const to = shares.from(share, misfortunes) === -1 ? from : shares.to(share, misfortunes)
    for (let step = from; step < to; step += stepWidth) {
      targets.push(shares.steps()[step] as number)
      terms.push(shares.steps()[step + 1] as number)
    }
    widest = Math.max(widest, (to - from) / stepWidth)
    ticks.push(shares.tickOf(share))
    counts.push(shares.healthy(share) | (shares.kept(share) << 3) | (shares.occupying(share) << 6))
  }
  begins.push(targets.length)
  const { instances, service } = model
  const names = Array.from({ length: instances }, (_, instance) => `s${instance}`)
  const choices = names.flatMap((_, instance) =>
    Array.from({ length: widest }, (_unused, step) => ({
      name: `MAY_${instance}_${step}`,
      guard: `may_step(${instance}, ${step})`,
      effect: `step(${instance}, ${step});`,
    })),
  )
  choices.push({ name: 'LACKS_TASK', guard: 'lacks_task()', effect: 'COMMON += 1 << 14;' })
  choices.push({ name: 'MAY_TICK', guard: 'may_tick()', effect: 'tick();' })
  const tables = `
${array('begins', begins)}
${array('targets', targets)}
${array('terms', terms)}
${array('ticks', ticks)}
${array('counts', counts)}
${array('prices', pricesOf(model))}
#define COMMON now.common
#define ELSEWHERE ((now.common >> 14) & 7)
static int *share_of(int instance) { return instance == 0 ? &now.s0 : &now.s${instances - 1}; }
static int sum(int shift) {
  int total = 0;
  for (int instance = 0; instance < ${instances}; instance++) total += (counts[*share_of(instance)] >> shift) & 7;
  return total;
}
static int lacks_task(void) {
  return sum(3) + ELSEWHERE < ${service.desired} && sum(6) + ELSEWHERE < ${service.ceiling};
}
static void in_order(void) {
  int *one = share_of(0), *other = share_of(${instances - 1});
  if (*one > *other) { int kept = *one; *one = *other; *other = kept; }
}
static int may_step(int instance, int step) {
  int share = *share_of(instance);
  if (instance > 0 && share == now.s0) return 0;
  int at = begins[share] + step;
  if (at >= begins[share + 1]) return 0;
  int cost = terms[at] & 7, guard = (terms[at] >> 3) & 3;
  if (cost != 0 && (((COMMON >> 12) & 3) == 0 || ((COMMON >> ((cost - 1) * 2)) & 3) == 0)) return 0;
  if (guard == 1 && !(sum(0) + ELSEWHERE > ${service.floor})) return 0;
  if (guard == 3 && !(sum(3) + ELSEWHERE > ${service.desired} && sum(0) + ELSEWHERE > ${service.floor})) return 0;
  return guard != 2 || lacks_task();
}
static void step(int instance, int step) {
  int at = begins[*share_of(instance)] + step;
  COMMON -= prices[terms[at] & 7];
  if ((terms[at] >> 5) & 1) COMMON |= 1 << 17;
  if ((terms[at] >> 26) & 1) COMMON |= 1 << 18;
  *share_of(instance) = targets[at];
  in_order();
}
static int may_tick(void) {
  int moves = 0;
  for (int instance = 0; instance < ${instances}; instance++) {
    int later = ticks[*share_of(instance)];
    if (later < 0) return 0;
    if (later != *share_of(instance)) moves = 1;
  }
  return moves;
}
static void tick(void) {
  for (int instance = 0; instance < ${instances}; instance++) *share_of(instance) = ticks[*share_of(instance)];
  in_order();
}
${choices.map(({ name, guard }) => `#define ${name} (${guard})`).join('\n')}
`
  const program = `c_code {
\\#include "tables.h"
}
${names.map((name) => `int ${name} = ${shares.first};`).join('\n')}
int common = ${firstCommon(model)};
active proctype cluster() {
end:
  do
${choices.map(({ name, effect }) => `  :: d_step { c_expr { ${name} } -> c_code { ${effect} } }`).join('\n')}
  od
}
`
  return { program, tables }
}

const array = (name: string, numbers: ReadonlyArray<number>): string =>
  `static const int ${name}[] = {${numbers.length === 0 ? '0' : numbers.join(',')}};`

/** States and transitions as our own explorer counts them, safety alone. */
export const countsOf = (model: Model): { readonly states: number; readonly transitions: number } => {
  const { states, transitions } = explore(model, { liveness: false })
  return { states, transitions }
}
