/** A deployment of a service, as `startedBy`, DescribeServices and the events of a service name it. */
export const deploymentId = (service: number, deployment: number): string =>
  `ecs-svc/${String(1_000_000_000_000_000_000n + BigInt(service) * 1_000_000n + BigInt(deployment))}`
