/** A refusal in AWS's own code and words. What is thrown below the rim of the endpoint ends as one of these. */
export class AwsError extends Error {
  /** `ClusterNotFoundException`, `ValidationError`. */
  readonly code: string
  /** The HTTP status. */
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
  }
}
