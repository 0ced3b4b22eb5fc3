/** What lies outside: the MLflow server, the port to serve on, the secrets of the alerts' channels. */
import { createServer } from 'node:net'
import type { Config } from '../../config.ts'
import { type DoctorFinding, failure, ok, warning } from './finding.ts'

const TIMEOUT_MS = 3_000
/** Of MLflow: the first that has aliases, which environments are. */
const LEAST_MLFLOW = [2, 3] as const

export async function checkTracking(
  { trackingUri }: Pick<Config, 'trackingUri'>,
  request: typeof fetch,
): Promise<DoctorFinding> {
  if (trackingUri === undefined || !/^https?:/.test(trackingUri)) {
    return ok('tracking', 'the embedded store')
  }
  const { host } = new URL(trackingUri)
  const advice = 'Start it, or correct MLFLOW_TRACKING_URI; until then, runs wait in the spool.'
  try {
    const url = new URL('version', trackingUri.endsWith('/') ? trackingUri : `${trackingUri}/`)
    const reply = await request(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const version = (await reply.text()).trim()
    if (!reply.ok || !/^\d+\.\d+/.test(version)) {
      return warning(
        'tracking',
        `${host} answered ${reply.status} to the question for its version`,
        advice,
      )
    }
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const isOld = major < LEAST_MLFLOW[0] || (major === LEAST_MLFLOW[0] && minor < LEAST_MLFLOW[1])
    if (!isOld) return ok('tracking', `MLflow ${version} at ${host}`)
    return failure(
      'tracking',
      `MLflow ${version} at ${host}`,
      `Update it to ${LEAST_MLFLOW.join('.')} or newer: older ones have no aliases.`,
    )
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer'
    return failure('tracking', `${host} cannot be reached (${reason})`, advice)
  }
}

/** Whether `tickerflow serve` would find its port free. */
export async function checkPort(port: number): Promise<DoctorFinding> {
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)))
  })
  if (code === undefined) return ok('port', `${port} is free`)
  return warning(
    'port',
    `${port} is taken (${code})`,
    'Serve on another one: tickerflow serve --port.',
  )
}

/** Variables that the configuration names and the environment lacks. */
export function checkSecrets(
  { alerts }: Config,
  secretOf: (variable: string) => string | undefined,
): readonly DoctorFinding[] {
  const variables = alerts.channels.flatMap((channel) =>
    Object.entries(channel).flatMap(([field, value]) =>
      field.endsWith('Variable') && typeof value === 'string' ? [value] : [],
    ),
  )
  return [...new Set(variables)].map((variable) =>
    secretOf(variable)
      ? ok('alerts', `${variable} is set`)
      : failure(
          'alerts',
          `the environment variable ${variable} is not set`,
          'Set it, or take the channel from alerts.channels.',
        ),
  )
}
