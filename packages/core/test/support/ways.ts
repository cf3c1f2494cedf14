/** The ways in which a function is handed one document. */

/** As SQS hands it to Lambda. */
export const sqsBatch = (...bodies: ReadonlyArray<string>) => ({
  Records: bodies.map((body, index) => ({ messageId: `message-${index}`, eventSource: 'aws:sqs', body })),
})

/** As SNS hands it to Lambda. */
export const snsBatch = (...messages: ReadonlyArray<string>) => ({
  Records: messages.map((Message) => ({ EventSource: 'aws:sns', Sns: { Type: 'Notification', Message } })),
})

/** As SNS writes it to a queue, without raw message delivery. */
export const snsDocument = (Message: string) => ({
  Type: 'Notification',
  MessageId: '3edbc59a-0358-5152-aa1a-88888b0e3347',
  Message,
})

export interface Way {
  readonly name: string
  readonly wrap: (text: string) => unknown
  /** Where the document is in what the function is handed; null where it is that itself. */
  readonly at: string | null
}

export const ways: ReadonlyArray<Way> = [
  { name: 'as an object', wrap: (text) => JSON.parse(text) as unknown, at: null },
  { name: 'as JSON text', wrap: (text) => text, at: null },
  { name: 'in SQS', wrap: (text) => sqsBatch(text), at: 'Records[0].body' },
  { name: 'in SNS', wrap: (text) => snsBatch(text), at: 'Records[0].Sns.Message' },
  {
    name: 'in SNS in SQS',
    wrap: (text) => sqsBatch(JSON.stringify(snsDocument(text))),
    at: 'Records[0].body.Message',
  },
  { name: 'in SQS, as JSON text', wrap: (text) => JSON.stringify(sqsBatch(text)), at: 'Records[0].body' },
]

export const waysOutside: ReadonlyArray<Way> = ways.filter(({ at }) => at !== null)
