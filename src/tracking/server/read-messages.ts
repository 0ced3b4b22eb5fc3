/** What the server and its thread for reads say to each other. */
import type { ErrorCode } from '../../errors.ts'

export interface ReadRequest {
  readonly id: number
  /** Of the route, as in its definition. */
  readonly path: string
  readonly fields: Readonly<Record<string, unknown>>
}

export type ReadReply =
  /** The JSON of the route's reply, in UTF-8. */
  | { readonly id: number; readonly json: Uint8Array }
  | {
      readonly id: number
      readonly failure: {
        readonly code: ErrorCode
        readonly message: string
        readonly details: Readonly<Record<string, unknown>>
      }
    }
  /** What no request could have caused. */
  | { readonly id: number; readonly fault: string }
