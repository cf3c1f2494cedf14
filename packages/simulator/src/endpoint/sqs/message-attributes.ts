/** Message attributes: what may be one, and how long it is (AWS: SQS developer guide, sqs-message-metadata). */
import { AwsError } from '../wire/aws-error.ts'
import { listOf, mapOf, structure, text, type ValueOf } from '../wire/shape.ts'
import { isXmlText } from '../wire/xml-characters.ts'

const attribute = structure(
  {
    DataType: text,
    StringValue: text,
    BinaryValue: text,
    StringListValues: listOf(text),
    BinaryListValues: listOf(text),
  },
  ['DataType'],
)

export const attributes = mapOf(attribute)

export type GivenAttributes = ValueOf<typeof attributes>

const attributesMost = 10

/** Throws AwsError for the first that is none. */
export const checkAttributes = (given: GivenAttributes): void => {
  const all = Object.entries(given)
  if (all.length > attributesMost) {
    throw invalid(`Number of message attributes [${all.length}] exceeds the allowed maximum [${attributesMost}].`)
  }
  for (const [name, value] of all) {
    if (!isName(name)) throw invalid(`The message attribute name '${name.slice(0, 100)}' is not valid.`)
    checkValue(name, value)
  }
}

const isName = (name: string): boolean =>
  /^[\w.-]{1,256}$/.test(name) && !/^\.|\.\.|\.$/.test(name) && !/^(aws|amazon)\./i.test(name)

const checkValue = (name: string, given: ValueOf<typeof attribute>): void => {
  const { DataType, StringValue, BinaryValue, StringListValues = [], BinaryListValues = [] } = given
  if (StringListValues.length > 0 || BinaryListValues.length > 0) {
    throw new AwsError('UnsupportedOperation', 'Message attribute list values are not supported.')
  }
  const type = DataType.length > 256 ? undefined : /^(String|Number|Binary)(\..+)?$/s.exec(DataType)?.[1]
  if (type === undefined) {
    throw invalid(`The type of message attribute '${name}' is invalid: it begins with Binary, Number or String.`)
  }
  const [value = '', other] = type === 'Binary' ? [BinaryValue, StringValue] : [StringValue, BinaryValue]
  if (value === '' || other !== undefined) {
    throw invalid(`The message attribute '${name}' must have a value that is not empty, of its type ${type} alone.`)
  }
  if (type === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) {
    throw invalid(`The message attribute '${name}' is not a number.`)
  }
  if (!isXmlText(value)) throw invalid(`The message attribute '${name}' contains characters outside the allowed set.`)
}

const invalid = (why: string): AwsError => new AwsError('InvalidParameterValueException', why)

/** What they add to the length of a message: names, types and values. */
export const attributesLength = (given: GivenAttributes): number => {
  let bytes = 0
  for (const [name, { DataType, StringValue = '', BinaryValue = '' }] of Object.entries(given)) {
    bytes += Buffer.byteLength(name + DataType + StringValue, 'utf8') + Buffer.byteLength(BinaryValue, 'base64')
  }
  return bytes
}
