/** How one environment variable is read: what is expected of its text, and the value that the text stands for. */
import { AutoScalingGroupName, ClusterName, type Duration, LifecycleHookName, seconds } from '@ecs-drain/core'

/** A reader of texts. */
export interface Reader<Value> {
  /** What a text must be, as the end of a sentence that begins with "expected". */
  readonly expected: string
  /** The value, or undefined where the text is something else. */
  readonly read: (text: string) => Value | undefined
}

/** Commas and white space around a name are no part of it. */
const itemsOf = (text: string): ReadonlyArray<string> =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

const listOf = <Name extends string>(
  what: string,
  isName: (text: string) => text is Name,
): Reader<ReadonlyArray<Name>> => ({
  expected: `a comma-separated list of ${what}`,
  read: (text) => {
    const names: Array<Name> = []
    for (const item of itemsOf(text)) {
      if (!isName(item)) return undefined
      if (!names.includes(item)) names.push(item)
    }
    return names
  },
})

const isClusterName = (text: string): text is ClusterName => ClusterName.is(text)
const isGroupName = (text: string): text is AutoScalingGroupName => AutoScalingGroupName.is(text) && text !== '*'
const isPattern = (text: string): text is string => /^[A-Za-z0-9_*-]{1,255}$/.test(text)

/** Short names of clusters. */
export const clusterNames: Reader<ReadonlyArray<ClusterName>> = listOf('names of clusters', isClusterName)

/** Names of clusters in which `*` stands for any text. */
export const clusterPatterns: Reader<ReadonlyArray<string>> = listOf(
  'names of clusters, in which * stands for any text',
  isPattern,
)

const someGroups = listOf('names of Auto Scaling groups', isGroupName)

/** Names of groups, or null for every group: that one has to be asked for in so many words. */
export const groupNames: Reader<ReadonlyArray<AutoScalingGroupName> | null> = {
  expected: `${someGroups.expected}, or * alone for every group of the account and Region`,
  read: (text) => {
    if (text.trim() === '*') return null
    const names = someGroups.read(text)
    return names === undefined || names.length === 0 ? undefined : names
  },
}

/** The name of one lifecycle hook. */
export const hookName: Reader<LifecycleHookName> = {
  expected: 'the name of a lifecycle hook',
  read: (text) => (LifecycleHookName.is(text) ? text : undefined),
}

/** Text that matches a pattern. */
export const textLike = (expected: string, pattern: RegExp): Reader<string> => ({
  expected,
  read: (text) => (pattern.test(text) ? text : undefined),
})

/** An integer of a range, both ends included. */
export const integer = (least: number, most: number): Reader<number> => ({
  expected: `an integer from ${least} to ${most}`,
  read: (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? value : undefined
  },
})

/** Lambda's and Auto Scaling's own limits are hours; no duration of a drain is longer than a hook may wait: 48 hours. */
const secondsMost = 172_800

/** Given in seconds, with at most three decimals. */
const durationFrom = (least: number): Reader<Duration> => ({
  expected: `a number of seconds from ${least} to ${secondsMost}`,
  read: (text) => {
    const value = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= secondsMost ? Math.round(seconds(value)) : undefined
  },
})

/** A second at least: less is meant for another unit, or for none at all. */
export const durationInSeconds: Reader<Duration> = durationFrom(1)

/** The same, where there need be no such time. */
export const durationOrZeroInSeconds: Reader<Duration> = {
  expected: `0, or ${durationInSeconds.expected}`,
  read: (text) => (Number(text) === 0 ? durationFrom(0).read(text) : durationInSeconds.read(text)),
}

/** The same, but for what must not be over soon after it begins. */
export const longDurationInSeconds: Reader<Duration> = durationFrom(60)

/** One word out of several. */
export const oneOf = <Word extends string>(words: ReadonlyArray<Word>): Reader<Word> => ({
  expected: `one of ${words.join(', ')}`,
  read: (text) => words.find((word) => word === text),
})
