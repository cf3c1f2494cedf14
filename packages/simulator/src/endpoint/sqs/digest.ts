/** The MD5 digests that clients check (AWS: SQS developer guide, sqs-message-metadata). */
import { createHash } from 'node:crypto'
import type { MessageAttribute } from './queue.ts'

/** Of a body. */
export const digestOf = (body: string): string => createHash('md5').update(body, 'utf8').digest('hex')

/** Of attributes: by name; each name, type and value after its length, and before the value whether it is text or bytes. */
export const digestOfAttributes = (attributes: Readonly<Record<string, MessageAttribute>>): string | undefined => {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return undefined
  const hash = createHash('md5')
  const update = (bytes: Buffer): void => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hash.update(length).update(bytes)
  }
  for (const name of names) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] ?? {}
    update(Buffer.from(name, 'utf8'))
    update(Buffer.from(DataType, 'utf8'))
    hash.update(Buffer.from([BinaryValue === undefined ? 1 : 2]))
    update(BinaryValue === undefined ? Buffer.from(StringValue ?? '', 'utf8') : Buffer.from(BinaryValue, 'base64'))
  }
  return hash.digest('hex')
}
