/** The longest body of a message, in bytes (AWS: SQS developer guide, quotas-messages). */
export const bytesMost = 1_048_576

/** How long a message can be hidden after it was received: 12 hours (AWS: the same). */
export const visibilitySecondsMost = 43_200

/** How long a message is kept after it was sent, a dead letter from then on as well: four days, the default (AWS: API reference). */
export const retentionSeconds = 345_600

/** PurgeQueue takes that long (AWS: API reference). */
export const purgeEverySeconds = 60
