import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { PYTHON } from './python-environment.ts'

const FOLDER = resolve(import.meta.dirname, '../../deploy/kubernetes')
const SCRIPT = join(import.meta.dirname, 'kubernetes-schemas.py')
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
  .map((name) => join(FOLDER, name))
  // KEDA's own kind has no schema among Kubernetes'.
  .concat(join(FOLDER, '../kubernetes-workers/workers.yaml'))

const validated = (paths: readonly string[]): { checked: number; faults: string[] } =>
  JSON.parse(execFileSync(PYTHON, [SCRIPT, ...paths], { encoding: 'utf8' }))

test("the manifests are valid by Kubernetes' own schemas, old and new", () => {
  const { checked, faults } = validated(files)
  expect(faults).toEqual([])
  expect(checked).toBeGreaterThan(15)
})

test('a field that Kubernetes does not have would be found', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kubernetes-'))
  const copy = join(directory, 'deployment.yaml')
  const text = readFileSync(join(FOLDER, 'deployment.yaml'), 'utf8')
  writeFileSync(copy, text.replace('readOnlyRootFilesystem', 'readonlyRootFileSystem'))
  expect(validated([copy]).faults).toHaveLength(2)
  rmSync(directory, { recursive: true })
})
