/** How ARNs begin. */

/** The start of a Region's name says in which partition it is (AWS: the SDKs' list of partitions). Others are in `aws`. */
const partitions: ReadonlyArray<readonly [start: string, partition: string]> = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
]

const partitionOf = (region: string): string => partitions.find(([start]) => region.startsWith(start))?.[1] ?? 'aws'

/** Where something is. */
export interface Place {
  readonly region: string
  readonly account: string
}

/** `arn:<partition>:<service>:<region>:<account>:<resource>` */
export const arnIn = ({ region, account }: Place, service: string, resource: string): string =>
  `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`

/** The ARN of an IAM role, which is in no Region. */
export const roleArn = ({ region, account }: Place, path: string): string =>
  `arn:${partitionOf(region)}:iam::${account}:role/${path}`
