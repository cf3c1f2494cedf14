/**
 * What an operation answers, before either protocol has written it. A moment is a Date here: seconds since the epoch in JSON, ISO
 * text in XML.
 */
import { XMLBuilder } from 'fast-xml-parser'
import { asXmlText } from './xml-characters.ts'

export type Output = { readonly [name: string]: OutputValue | undefined }
export type OutputValue = string | number | boolean | Date | Output | ReadonlyArray<OutputValue>

/** As AWS JSON has it. */
export const jsonText = (output: Output): string => JSON.stringify(jsonValue(output))

const jsonValue = (value: OutputValue | undefined): unknown => {
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map((item: OutputValue) => jsonValue(item))
  if (typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, jsonValue(member)]])),
  )
}

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true })

/** One element and all that is in it; `item` names the elements of lists. */
export const xmlText = (root: string, attributes: Output, content: Output, item: 'member' | 'item'): string => {
  const marked = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`@${name}`, value]))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: { ...marked, ...xmlMembers(content, item) } })}`
}

const xmlMembers = (output: Output, item: string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(output).flatMap(([name, value]) => (value === undefined ? [] : [[name, xmlValue(value, item)]])),
  )

const xmlValue = (value: OutputValue, item: string): unknown => {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) {
    return value.length === 0 ? '' : { [item]: value.map((each: OutputValue) => xmlValue(each, item)) }
  }
  if (typeof value === 'object') return xmlMembers(value as Output, item)
  return typeof value === 'string' ? asXmlText(value) : String(value)
}
