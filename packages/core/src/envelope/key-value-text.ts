/** SNS's e-mail form of a notification: a `Key: value` per line (AWS: PutLifecycleHook). */

/** The longest notification AWS can send is far shorter: NotificationMetadata has at most 4,000 characters. */
const charactersMax = 64_000

/**
 * The fields of such a text; null when it has none, or is too long to be one. Linear in its length. The first row of a
 * name counts: NotificationMetadata comes last and may hold any text, rows of the same names included.
 */
export const fieldsOf = (text: string): Readonly<Record<string, string>> | null => {
  if (text.length > charactersMax) return null
  const fields = new Map<string, string>()
  for (const row of text.split('\n')) {
    const separator = row.indexOf(': ')
    if (separator <= 0) continue
    const key = row.slice(0, separator).trim()
    if (/^[A-Za-z0-9]+$/.test(key) && !fields.has(key)) fields.set(key, row.slice(separator + 2).trim())
  }
  return fields.size === 0 ? null : Object.fromEntries(fields)
}
