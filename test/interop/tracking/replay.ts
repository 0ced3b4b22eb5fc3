/** Sends recorded requests to a server under its own ids, and reads its replies under the recorded ones. */
import { type RecordedRequest, type Reply, send } from './recorded-request.ts'

/** A reply as it can be compared: failures by status and code, successes by everything but times. */
export type Answer =
  | { readonly status: number; readonly error: unknown }
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly bytes: string }

export async function replay(
  uri: string,
  recorded: readonly RecordedRequest[],
): Promise<readonly Answer[]> {
  const names = new Names()
  const answers: Answer[] = []
  for (const one of recorded) {
    const path = names.toServer(one.path)
    const body = isJson(one) ? Buffer.from(names.toServer(one.body.toString())) : one.body
    const reply = await send(uri, { ...one, path, body })
    names.learn(one, reply)
    answers.push(answerOf(reply, names))
  }
  return answers
}

/** What servers make up: ids of runs and models, and names of runs that have been given none. */
class Names {
  readonly #own = new Map<string, string>()
  readonly #recorded = new Map<string, string>()

  learn(one: RecordedRequest, reply: Reply): void {
    if (one.method !== 'POST' || reply.status !== 200 || one.reply.status !== 200) return
    const [before, now] = [one.reply, reply].map(({ body }) => JSON.parse(body.toString()))
    if (one.path.endsWith('/runs/create')) {
      this.#pair(before.run.info.run_id, now.run.info.run_id)
      this.#pair(before.run.info.run_name, now.run.info.run_name)
    }
    if (one.path.endsWith('/logged-models')) {
      this.#pair(before.model.info.model_id, now.model.info.model_id)
    }
  }

  toServer(text: string): string {
    return replaced(text, this.#own)
  }

  toRecorded(text: string): string {
    return replaced(text, this.#recorded)
  }

  #pair(recorded: string, own: string): void {
    this.#own.set(recorded, own)
    this.#recorded.set(own, recorded)
  }
}

const NAME = /(m-)?[0-9a-f]{32}|[a-z]+-[a-z0-9]+(-\d+)?/g

function replaced(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(NAME, (name) => names.get(name) ?? name)
}

function isJson({ contentType = '' }: { readonly contentType?: string | undefined }): boolean {
  return contentType.startsWith('application/json')
}

function answerOf({ status, body }: Reply, names: Names): Answer {
  const text = body.toString()
  const json = parsed(names.toRecorded(text))
  if (status !== 200) return { status, error: errorCodeOf(json) }
  if (json === undefined) return { status, bytes: body.toString('base64') }
  return { status, json: comparable(json) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function errorCodeOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'error_code' in json ? json.error_code : null
}

const SERVER_TIMES = new Set([
  ...['creation_time', 'last_update_time', 'creation_timestamp', 'last_updated_timestamp'],
  ...['creation_timestamp_ms', 'last_updated_timestamp_ms'],
])

/** Without times that the server takes, and with lists that have no order in one. */
export function comparable(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json), (name, value) => {
    if (SERVER_TIMES.has(name)) return undefined
    if (name === 'next_page_token') return Buffer.from(value, 'base64').toString().replace(' ', '')
    if (name === 'data' && 'metrics' in value) return { ...value, metrics: sorted(value.metrics) }
    return UNORDERED.has(name) && Array.isArray(value) ? sorted(value) : value
  })
}

const UNORDERED = new Set(['tags', 'params', 'aliases', 'latest_versions'])

function sorted(list: readonly unknown[]): readonly unknown[] {
  return list.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
}

/** What tells the items of such a list apart, first. */
function textOf(item: unknown): string {
  const { key = '', alias = '', version = '' } = item as Record<string, unknown>
  return JSON.stringify([key, alias, version, item])
}
