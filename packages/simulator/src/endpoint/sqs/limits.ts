/** The longest body of a message, in bytes (AWS: SQS developer guide, quotas-messages). */
export const bytesMost = 1_048_576
