/** The Kubernetes example hangs together: names that are used are there, and nothing runs as root. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { createProgram } from '../../src/cli/program.ts'
import { resolveConfig } from '../../src/config.ts'
import { readGatePolicy } from '../../src/registry/gate-policy-file.ts'

const FOLDER = resolve(import.meta.dirname, '../../deploy/kubernetes')
const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const kustomization = parse(textOf('kustomization.yaml'))
// biome-ignore lint/suspicious/noExplicitAny: manifests are read as they come; their schemas are tested elsewhere
const documents: any[] = kustomization.resources.flatMap((name: string) =>
  parseAllDocuments(textOf(name)).map((document) => document.toJS()),
)
const ofKind = (kind: string) => documents.filter((document) => document.kind === kind)
const pods = [
  ...ofKind('Deployment').map(({ spec }) => spec.template),
  ...ofKind('CronJob').map(({ spec }) => spec.jobTemplate.spec.template),
]

test('every file of the folder is part of it', () => {
  const names = readdirSync(FOLDER).filter((name) => name !== 'kustomization.yaml')
  const [{ files }] = kustomization.configMapGenerator
  expect([...kustomization.resources, ...files].toSorted()).toEqual(names.toSorted())
})

test('every pod runs unprivileged on a file system that is read-only, within limits', () => {
  expect(pods).toHaveLength(3)
  for (const { spec } of pods) {
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    for (const container of containersOf(spec)) {
      expect(container).toMatchObject({
        image: kustomization.images[0].name,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { limits: { memory: expect.any(String) } },
      })
    }
  }
})

test('volumes, accounts and settings that pods name are there', () => {
  const claims = ofKind('PersistentVolumeClaim').map(({ metadata }) => metadata.name)
  const accounts = ofKind('ServiceAccount').map(({ metadata }) => metadata.name)
  for (const { spec } of pods) {
    expect(accounts).toContain(spec.serviceAccountName)
    const volumes = spec.volumes.map(({ name }: { name: string }) => name)
    for (const { volumeMounts } of containersOf(spec)) {
      const mounts = volumeMounts.map(({ name }: { name: string }) => name)
      expect(mounts.toSorted()).toEqual(volumes.toSorted())
    }
    for (const { persistentVolumeClaim: claim, configMap } of spec.volumes) {
      if (claim !== undefined) expect(claims).toContain(claim.claimName)
      if (configMap !== undefined)
        expect(configMap.name).toBe(kustomization.configMapGenerator[0].name)
    }
  }
})

test('what selects pods by their labels finds them', () => {
  const labels = pods.map(({ metadata }) => metadata.labels)
  const wanted = [
    ...ofKind('Service').map(({ spec }) => spec.selector),
    ...ofKind('PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
    ...ofKind('NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
    ...ofKind('Deployment').map(({ spec }) => spec.selector.matchLabels),
  ]
  for (const selector of wanted) expect(labels).toContainEqual(expect.objectContaining(selector))
  const [policy] = ofKind('NetworkPolicy')
  for (const label of labels) expect(label).toMatchObject(policy.spec.podSelector.matchLabels)
})

test('the containers start commands with flags that the program has', () => {
  const started = pods.flatMap(({ spec }) => containersOf(spec).map(({ args }) => commandOf(args)))
  expect(started).toEqual([
    'serve',
    'schedule run-now ingest',
    'schedule run-now monitor',
    'retrain',
    'schedule run-now forecast',
    'backup create',
  ])
})

test('the settings are read, and ask for the approval of a key by its id and name', async () => {
  const file = join(FOLDER, kustomization.configMapGenerator[0].files[0])
  const config = await resolveConfig({ flags: {}, environment: {}, directory: FOLDER, file })
  expect(readGatePolicy(config.gate)).toMatchObject({ approvals: 'team' })
  expect(config.promotion.approvers).toEqual([expect.stringMatching(/^key:[^:]+:[^:]+$/)])
})

test('targets of a deployment that kubectl reaches are those of the manifests', () => {
  const targets = JSON.parse(readFileSync(join(FOLDER, '../targets.json'), 'utf8'))
  const [deployment] = ofKind('Deployment')
  const commands = JSON.stringify(targets)
  expect(commands).toContain(`deployment/${deployment.metadata.name}`)
  expect(commands).toContain(`${deployment.spec.template.spec.containers[0].name}={image}`)
})

// biome-ignore lint/suspicious/noExplicitAny: as above
function containersOf({ initContainers = [], containers }: any): any[] {
  return [...initContainers, ...containers]
}

/** The command of some arguments, without its flags; all of them are flags of that command. */
function commandOf(args: readonly string[]): string {
  let command = createProgram(() => undefined)
  const path: string[] = []
  for (const [i, word] of args.entries()) {
    const next = command.commands.find((one) => one.name() === word)
    if (next !== undefined) {
      command = next
      path.push(word)
    } else if (word.startsWith('--'))
      expect(command.options.map(({ long }) => long)).toContain(word)
    else if (!args[i - 1]?.startsWith('--')) path.push(word)
  }
  return path.join(' ')
}
