/** What the role needs for the function's own surroundings, beside the actions that the ports call. */

/** One IAM action of Lambda's own doing on the role's behalf. */
export interface PlatformAction {
  /** `service:Operation`, as IAM writes it. */
  readonly action: string
  /** The kind of resource that a policy names. */
  readonly resourceType: 'queue' | 'log-group'
  /** When it is called, and why. */
  readonly needed: string
}

/** Every action that Lambda calls with the function's role (AWS: Lambda developer guide, "Using Lambda with Amazon SQS"). */
export const platformActions: ReadonlyArray<PlatformAction> = [
  {
    action: 'sqs:ReceiveMessage',
    resourceType: 'queue',
    needed: 'by the event source mapping: to take messages from the inbox',
  },
  {
    action: 'sqs:DeleteMessage',
    resourceType: 'queue',
    needed: 'by the event source mapping: to take away what was handled',
  },
  {
    action: 'sqs:GetQueueAttributes',
    resourceType: 'queue',
    needed: 'by the event source mapping: to know how to poll the inbox',
  },
  { action: 'logs:CreateLogStream', resourceType: 'log-group', needed: 'to begin a log stream' },
  { action: 'logs:PutLogEvents', resourceType: 'log-group', needed: 'to write the log, the metrics with it' },
]
