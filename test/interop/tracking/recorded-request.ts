/** Requests of a client, written down on their way to a server, and sent again to another. */
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface SentRequest {
  readonly method: string
  /** With the query, exactly as it went over the wire. */
  readonly path: string
  readonly contentType?: string | undefined
  readonly body: Buffer
}

export interface Reply {
  readonly status: number
  readonly body: Buffer
}

export interface RecordedRequest extends SentRequest {
  readonly reply: Reply
}

export interface RecordingProxy {
  readonly uri: string
  readonly recorded: readonly RecordedRequest[]
  close(): Promise<void>
}

/** Passes everything on to the server at `target`, and keeps a copy. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const recorded: RecordedRequest[] = []
  const proxy = createServer(async (incoming, outgoing) => {
    const sent: SentRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      contentType: incoming.headers['content-type'],
      body: await buffer(incoming),
    }
    const { headers, ...reply } = await sendWithHeaders(target, sent)
    recorded.push({ ...sent, reply })
    outgoing.writeHead(reply.status, { 'content-type': headers['content-type'] ?? '' })
    outgoing.end(reply.body)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    uri: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    recorded,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve())
        proxy.closeAllConnections()
      }),
  }
}

/** No client tidies the path up. */
export async function send(uri: string, sent: SentRequest): Promise<Reply> {
  const { status, body } = await sendWithHeaders(uri, sent)
  return { status, body }
}

function sendWithHeaders(
  uri: string,
  { method, path, contentType, body }: SentRequest,
): Promise<Reply & { readonly headers: IncomingHttpHeaders }> {
  const { hostname, port } = new URL(uri)
  const headers = {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(body.length === 0 && method === 'GET' ? {} : { 'content-length': body.length }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: hostname, port, method, path, headers }, async (response) => {
      const { statusCode: status = 0, headers } = response
      resolve({ status, headers, body: await buffer(response) })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
