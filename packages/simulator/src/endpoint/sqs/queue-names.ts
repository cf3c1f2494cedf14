/** Queues by URL and by name. */
import type { Session } from '../session.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Queue } from './queue.ts'

/** Where a queue is, as clients are told. */
export const urlOf = ({ address, world: { directory } }: Session, { settings }: Queue): string =>
  `${address}/${directory.account}/${settings.name}`

/** Throws AwsError for a queue that is not there. Which host a URL names does not matter. */
export const queueAt = ({ queues, world: { directory } }: Session, url: string): Queue => {
  const found = queues.find(({ settings }) => url.endsWith(`/${directory.account}/${settings.name}`))
  if (found === undefined) throw noSuchQueue()
  return found
}

export const noSuchQueue = (): AwsError => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
