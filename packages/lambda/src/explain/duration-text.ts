/** Times for people. */
import { type Duration, hours, type Instant, minutes, seconds } from '@ecs-drain/core'

/** `1.8 s`, `2 min 10 s`, `3 h`: at most the two largest units. Days begin after 48 hours, the most that a lifecycle action takes. */
export const durationText = (given: Duration): string => {
  // By a clock that runs behind, what has begun a moment ago has not begun.
  const duration = Math.max(0, given)
  if (duration < minutes(1)) return `${(whole(duration, seconds(0.1)) / 10).toFixed(1)} s`
  if (duration < hours(1)) return twoUnits(duration, minutes(1), 'min', seconds(1), 's')
  if (duration <= hours(48)) return twoUnits(duration, hours(1), 'h', minutes(1), 'min')
  return twoUnits(duration, hours(24), 'd', hours(1), 'h')
}

const twoUnits = (
  duration: Duration,
  large: Duration,
  largeName: string,
  small: Duration,
  smallName: string,
): string => {
  const rest = whole(duration % large, small)
  return `${whole(duration, large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}

const whole = (duration: Duration, unit: Duration): number => Math.floor(duration / unit)

/** `2026-11-26` */
export const dateText = (at: Instant): string => new Date(at).toISOString().slice(0, 10)

/** `12:02:50.110`, in UTC. */
export const timeText = (at: Instant): string => new Date(at).toISOString().slice(11, 23)

/** `2026-11-26 12:02:50 (UTC)` */
export const instantText = (at: Instant): string => `${dateText(at)} ${timeText(at).slice(0, 8)} (UTC)`
