/** ARNs that are made of names alone. */
import type { Directory } from '../controller/controller.ts'

export const clusterArn = ({ region, account, clusterName }: Directory, name: string = clusterName): string =>
  `arn:aws:ecs:${region}:${account}:cluster/${name}`

export const taskDefinitionArn = ({ region, account }: Directory, family: string): string =>
  `arn:aws:ecs:${region}:${account}:task-definition/${family}:1`

/** The one topic that there is. */
export const topicArn = ({ region, account }: Directory): string => `arn:aws:sns:${region}:${account}:ecs-drain`

/** The one of a service; nothing depends on the id in it. A name has 32 letters at most. */
export const targetGroupArn = ({ region, account }: Directory, service: string): string =>
  `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${service.slice(0, 32)}/73e2d6bc24d8a067`

/** The schedule of the sweep. */
export const sweepRuleArn = ({ region, account }: Directory): string =>
  `arn:aws:events:${region}:${account}:rule/ecs-drain-sweep`

/** Nothing depends on the id in it. */
export const groupArn = ({ region, account }: Directory, name: string): string =>
  `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:c1599b6f-4ac3-4f1e-9d33-2c0b1c0e11f3:autoScalingGroupName/${name}`
