/** `compose.yaml` as a machine without an engine can follow it: names become ports of this machine. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'

export const CHECKOUT = resolve(import.meta.dirname, '../..')

export interface ComposeService {
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** What `.env` has beside compose.yaml. */
export const PASSWORDS = {
  POSTGRES_PASSWORD: 'p0stgres',
  S3_ACCESS_KEY: 'an-access-key',
  S3_SECRET_KEY: 'a-secret-key',
  GRAFANA_PASSWORD: 'gr4fana',
} as const

/**
 * A service with its variables filled in, and every `name:port` of another one replaced.
 *
 * @param places By `name:port` as the file has it, such as `mlflow:5000`, the same on this machine.
 */
export function serviceOf(name: string, places: Readonly<Record<string, string>>): ComposeService {
  const text = readFileSync(join(CHECKOUT, 'compose.yaml'), 'utf8')
  const { services } = parse(text, { merge: true })
  const { command = [], environment = {} } = services[name]
  const local = (value: unknown) => localised(filledIn(String(value)), places)
  return {
    command: command.map(local),
    environment: Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, local(value)]),
    ),
  }
}

/** Replaces `name:port` where it is an address. */
export function localised(text: string, places: Readonly<Record<string, string>>): string {
  let result = text
  for (const [place, local] of Object.entries(places)) {
    result = result.replaceAll(new RegExp(`(?<![\\w.-])${place}(?!\\d)`, 'g'), local)
  }
  return result
}

function filledIn(text: string): string {
  return text.replaceAll(/\$\{(\w+)(?::\?[^}]*)?\}/g, (_, name: string) => {
    const value = PASSWORDS[name as keyof typeof PASSWORDS]
    if (value === undefined) throw new Error(`compose.yaml wants \${${name}}`)
    return value
  })
}
