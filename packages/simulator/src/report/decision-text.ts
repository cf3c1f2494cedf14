/** What a decision says of itself, for people. */
import { secondsOf } from '../measure/figures.ts'
import type { Plan } from '../plan/plan.ts'
import { startMsOf } from '../plan/start.ts'
import { isRecord } from '../plan/strict-codecs.ts'

/** Instants are milliseconds since the epoch; no duration is that long. */
const leastInstant = 1e12

/** Core writes an event as JSON: its fields, but for what is told beside it. Other controllers have words of their own. */
export const decisionText = (plan: Plan, text: string): string => {
  const event = parsed(text)
  return isRecord(event) ? fieldsOf(event, startMsOf(plan)).join(', ') : text
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const toldBeside: ReadonlySet<string> = new Set(['type', 'at', 'instance'])

const fieldsOf = (event: Readonly<Record<string, unknown>>, startMs: number): ReadonlyArray<string> =>
  Object.entries(event).flatMap(([key, value]) => {
    if (toldBeside.has(key) || value === null) return []
    if (Array.isArray(value)) return [`${key} ${value.length}`]
    if (isRecord(value)) {
      const type = value['type']
      return [...(typeof type === 'string' ? [`${key} ${type}`] : []), ...fieldsOf(value, startMs)]
    }
    return [`${key} ${valueText(key, value, startMs)}`]
  })

const valueText = (key: string, value: unknown, startMs: number): string => {
  if (typeof value === 'number' && value > leastInstant) return `${secondsOf(value - startMs).toFixed(1)} s`
  if (typeof value === 'number' && key.endsWith('Timeout')) return `${secondsOf(value)} s`
  // The end of an id, as a task has it in a picture.
  if (typeof value === 'string' && value.startsWith('arn:')) return `…${value.slice(-8)}`
  return String(value)
}
