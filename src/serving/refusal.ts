/** A request that is understood and refused: what is said to whoever sent it. */

export interface RefusalOptions {
  readonly status: number
  /** Last part of the problem's type, such as `horizon-not-covered`. */
  readonly type: string
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
}

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly type: string
  readonly headers: Readonly<Record<string, string>>

  constructor({ status, type, detail, headers = {} }: RefusalOptions) {
    super(detail)
    this.status = status
    this.type = type
    this.headers = headers
  }

  /** What the HTTP library calls it. */
  get statusCode(): number {
    return this.status
  }
}
