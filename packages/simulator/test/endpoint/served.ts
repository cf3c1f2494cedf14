/** An endpoint and the SDK's own clients for it, closed when the test is over. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ECSClient } from '@aws-sdk/client-ecs'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { onTestFinished } from 'vitest'
import { createEndpoint, type Endpoint, type EndpointOptions } from '../../src/endpoint.ts'
import { completePlan, type PlanSketch } from '../../src/plan/defaults.ts'

export interface Served {
  readonly endpoint: Endpoint
  readonly ecs: ECSClient
  readonly autoScaling: AutoScalingClient
  readonly sqs: SQSClient
  readonly sns: SNSClient
  readonly ec2: EC2Client
  /** One raw request of a JSON service. */
  readonly postJson: (target: string, body: unknown) => Promise<Answered>
  /** One raw request of a Query service. */
  readonly postForm: (parameters: Readonly<Record<string, string>>) => Promise<Answered>
  /** One request of the control. */
  readonly control: (path: string, body?: unknown) => Promise<Answered>
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export const serve = async (sketch: PlanSketch = {}, options: EndpointOptions = {}): Promise<Served> => {
  const endpoint = await createEndpoint(completePlan(sketch), options)
  onTestFinished(() => endpoint.close())
  const configuration = {
    endpoint: endpoint.url,
    region: endpoint.region,
    credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
    // What is refused is to be seen, not tried again.
    maxAttempts: 1,
  }
  const ask = async (path: string, init: RequestInit): Promise<Answered> => {
    const response = await fetch(endpoint.url + path, init)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  return {
    endpoint,
    ecs: new ECSClient(configuration),
    autoScaling: new AutoScalingClient(configuration),
    sqs: new SQSClient(configuration),
    sns: new SNSClient(configuration),
    ec2: new EC2Client(configuration),
    postJson: (target, body) =>
      ask('/', {
        method: 'POST',
        headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    postForm: (parameters) =>
      ask('/', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(parameters).toString(),
      }),
    control: (path, body) =>
      ask(`/_ecs-drain/${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  }
}

export const ecsTarget = (operation: string): string => `AmazonEC2ContainerServiceV20141113.${operation}`
