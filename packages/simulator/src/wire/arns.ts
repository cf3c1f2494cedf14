/** ARNs that are made of names alone. */
import type { Directory } from '../controller/controller.ts'
import { arnIn, type Place } from '../plan/arn.ts'

export const clusterArn = (directory: Directory, name: string = directory.clusterName): string =>
  arnIn(directory, 'ecs', `cluster/${name}`)

export const taskDefinitionArn = (place: Place, family: string): string =>
  arnIn(place, 'ecs', `task-definition/${family}:1`)

/** The one topic that there is. */
export const topicArn = (place: Place): string => arnIn(place, 'sns', 'ecs-drain')

/** The one of a service; nothing depends on the id in it. A name has 32 letters at most. */
export const targetGroupArn = (place: Place, service: string): string =>
  arnIn(place, 'elasticloadbalancing', `targetgroup/${service.slice(0, 32)}/73e2d6bc24d8a067`)

/** The schedule of the sweep. */
export const sweepRuleArn = (place: Place): string => arnIn(place, 'events', 'rule/ecs-drain-sweep')

/** Nothing depends on the id in it. */
export const groupArn = (place: Place, name: string): string =>
  arnIn(place, 'autoscaling', `autoScalingGroup:c1599b6f-4ac3-4f1e-9d33-2c0b1c0e11f3:autoScalingGroupName/${name}`)
