/** SNS's e-mail form of a notification: a `Key: value` per line (AWS: PutLifecycleHook). */

/** The longest notification AWS can send is far shorter: NotificationMetadata has at most 4,000 characters. */
const charactersMax = 64_000

/** The other rows that a lifecycle hook's text may have (AWS: Auto Scaling user guide, "Prepare to add a lifecycle hook"). */
const namesOfRows: ReadonlyArray<string> = [
  'Service',
  'Time',
  'RequestId',
  'Origin',
  'Destination',
  'LifecycleActionToken',
  'AccountId',
  'AutoScalingGroupName',
  'LifecycleHookName',
  'EC2InstanceId',
  'LifecycleTransition',
]

/**
 * The fields of such a text; null when it has none, or is too long to be one. Linear in its length. The first row of a
 * name counts: NotificationMetadata comes last and may hold any text, rows of the same names included. What follows it and is none
 * of these belongs to it, as the rows of JSON that is written over several.
 */
export const fieldsOf = (text: string): Readonly<Record<string, string>> | null => {
  if (text.length > charactersMax) return null
  const fields = new Map<string, string>()
  const metadata: Array<string> = []
  for (const row of text.split('\n')) {
    const separator = row.indexOf(': ')
    const key = row.slice(0, Math.max(separator, 0)).trim()
    if (key === 'NotificationMetadata' && metadata.length === 0) metadata.push(row.slice(separator + 2))
    else if (metadata.length > 0 && !namesOfRows.includes(key)) metadata.push(row)
    else if (/^[A-Za-z0-9]+$/.test(key) && !fields.has(key)) fields.set(key, row.slice(separator + 2).trim())
  }
  if (metadata.length > 0) fields.set('NotificationMetadata', metadata.join('\n').trim())
  return fields.size === 0 ? null : Object.fromEntries(fields)
}
