/** The longest body of a message, in bytes (AWS: SQS developer guide, quotas-messages). */
export const bytesMost = 1_048_576

/** How long a message can be hidden after it was received: 12 hours (AWS: the same). */
export const visibilitySecondsMost = 43_200
