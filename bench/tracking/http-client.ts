/** One connection that stays open, as MLflow's clients keep one; the same for both servers. */
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface HttpClient {
  /** @returns The body. @throws {Error} On any status but 200. */
  get(path: string): Promise<string>
  post(path: string, body: object): Promise<string>
  close(): void
}

export function createHttpClient(uri: string): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send = (method: string, path: string, body?: string) =>
    new Promise<string>((resolve, reject) => {
      const headers =
        body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const sent = request(new URL(path, uri), { method, agent, headers }, async (response) => {
        const reply = await text(response)
        if (response.statusCode === 200) resolve(reply)
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${reply.slice(0, 500)}`))
      })
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, JSON.stringify(body)),
    close: () => agent.destroy(),
  }
}
