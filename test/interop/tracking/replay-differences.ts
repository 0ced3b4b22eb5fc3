/** Where the answers of the two servers differ, and why; `docs/reference/tracking-server.md` lists it too. */
import type { RecordedRequest } from './recorded-request.ts'
import type { Answer } from './replay.ts'

/** Fields that only one of them has. */
export const FIELD_DIFFERENCES = [
  { field: 'workspace', why: 'there are no workspaces here' },
  { field: 'features_enabled', why: 'there is no gateway here' },
  { field: 'presigned_upload_run_id_supported', why: 'files go through the server' },
  { field: 'presigned_upload_model_id_supported', why: 'files go through the server' },
  { field: 'file_size', why: 'the size of an empty file is 0, not unknown' },
  { field: 'aliases', why: 'lists of versions say the aliases, too' },
] as const

export interface ReplyDifference {
  readonly why: string
  readonly applies: (request: RecordedRequest, ours: Answer, theirs: Answer) => boolean
}

/** Replies that differ as a whole. */
export const REPLY_DIFFERENCES: readonly ReplyDifference[] = [
  {
    why: 'an upload is answered with {}, not with nothing',
    applies: ({ method, path }, ours, theirs) =>
      method === 'PUT' && isFile(path) && ours.status === 200 && theirs.status === 200,
  },
  {
    why: 'values of the wrong kind are refused, not bent or passed over',
    applies: ({ path }, ours, theirs) => !isFile(path) && isInvalid(ours) && theirs.status === 200,
  },
  {
    why: 'what a client did wrong is said to it, not a failure of the server',
    applies: ({ path }, ours, theirs) => !isFile(path) && isInvalid(ours) && theirs.status === 500,
  },
  {
    why: 'paths that mean something else elsewhere are refused',
    applies: ({ path }, ours, theirs) =>
      isFile(path) && isInvalid(ours) && [200, 308, 404].includes(theirs.status),
  },
  {
    why: 'unknown routes are said in JSON',
    applies: (_request, ours, theirs) =>
      'error' in ours && ours.error === 'ENDPOINT_NOT_FOUND' && [404, 405].includes(theirs.status),
  },
  {
    why: 'a body that is not declared as JSON is 415',
    applies: (_request, ours, theirs) => ours.status === 415 && theirs.status === 400,
  },
  {
    why: 'an experiment whose id is no number does not exist',
    applies: ({ path }, ours, theirs) =>
      path.endsWith('experiment_id=x') && ours.status === 404 && theirs.status === 400,
  },
]

function isFile(path: string): boolean {
  return path.includes('/mlflow-artifacts/artifacts/')
}

function isInvalid(answer: Answer): boolean {
  return answer.status === 400 && 'error' in answer && answer.error === 'INVALID_PARAMETER_VALUE'
}

/** The same without the fields that only one of them has. */
export function withoutFields(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (name, value) => {
    if (name === 'file_size') return value === 0 ? undefined : value
    if (name === 'aliases') return isListOfNames(value) ? undefined : value
    return FIELD_DIFFERENCES.some(({ field }) => field === name) ? undefined : value
  })
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
