/** What two versions of a model have in common, and what not. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { promotionsOf } from '../registry/promotion-journal.ts'
import type { ModelVersion, Run } from '../tracking/tracking-store.ts'
import type { Application } from './application.ts'
import { MODEL_DIRECTORY } from './model-file.ts'
import { decodeManifest, MANIFEST_FILE, WEIGHTS_FILE } from './model-manifest.ts'

/** One fact that the versions don't share; null where one lacks it. */
export interface Difference {
  readonly section: 'recipe' | 'data' | 'program' | 'scores' | 'gate' | 'files'
  readonly name: string
  readonly a: string | number | null
  readonly b: string | number | null
}

export interface VersionDifference {
  readonly model: string
  readonly a: number
  readonly b: number
  readonly sameRecipe: boolean
  readonly sameWeights: boolean
  readonly differences: readonly Difference[]
}

type Facts = ReadonlyMap<string, string | number>
type Section = Difference['section']

const SECTIONS: readonly Section[] = ['recipe', 'data', 'program', 'scores', 'gate', 'files']

/** Tags that say what a version was made with; times and machines are left out. */
const PROGRAM_TAGS = [
  'tickerflow.version',
  'mlflow.source.git.commit',
  'tickerflow.node',
  'tickerflow.engine',
  'tickerflow.kernelDigest',
]

/** @throws {TickerflowError} NOT_FOUND, MODEL_DAMAGED. */
export async function compareVersions(
  app: Application,
  model: string,
  [a, b]: readonly [number, number],
): Promise<VersionDifference> {
  const [left, right] = [await factsOf(app, model, a), await factsOf(app, model, b)]
  const differences = SECTIONS.flatMap((section) => unequal(section, left[section], right[section]))
  const differs = (section: Section) => differences.some((one) => one.section === section)
  return {
    ...{ model, a, b },
    sameRecipe: !differs('recipe'),
    sameWeights: left.files.get('weights') === right.files.get('weights'),
    differences,
  }
}

async function factsOf(
  app: Application,
  model: string,
  number: number,
): Promise<Record<Section, Facts>> {
  const version = await app.tracking.getModelVersion({ name: model, version: number })
  const run = version.runId === undefined ? undefined : await app.tracking.getRun(version.runId)
  const manifest = await manifestOf(app, version)
  return {
    recipe: manifest?.recipe ?? new Map(),
    data: dataFacts(run, manifest?.trainedTo),
    program: new Map(PROGRAM_TAGS.flatMap((tag) => present(tag, run?.tags[tag]))),
    scores: scoreFacts(run),
    gate: gateFacts(app, version),
    files: manifest?.files ?? new Map(),
  }
}

async function manifestOf({ tracking }: Application, { runId }: ModelVersion) {
  if (runId === undefined) return undefined
  const bytes = await tracking.readArtifact(runId, `${MODEL_DIRECTORY}/${MANIFEST_FILE}`)
  const { recipe, trainedTo, files, saved } = decodeManifest(bytes)
  const { options, ...plain } = recipe
  const flat = Object.entries({ ...plain, ...options })
  const digests = Object.entries(files).map(([name, { sha256 }]) => [name, sha256] as const)
  const weights = createHash('sha256')
    .update(canonicalJson(saved))
    .update(files[WEIGHTS_FILE]?.sha256 ?? '')
  return {
    recipe: new Map(flat.map(([name, value]) => [name, spoken(value)])),
    trainedTo,
    files: new Map([...digests, ['weights', weights.digest('hex')]]),
  }
}

function dataFacts(run: Run | undefined, trainedTo: string | undefined): Facts {
  const inputs = (run?.inputs ?? []).flatMap(({ dataset: { name, digest, profile } }) => [
    [`${name}, digest`, digest] as const,
    ...(profile === undefined ? [] : [[`${name}, span`, profile] as const]),
  ])
  return new Map([...present('trained to', trainedTo), ...inputs])
}

/** The scores that stand in the run's own metrics; the many series over folds are left out. */
function scoreFacts(run: Run | undefined): Facts {
  const prefix = `${run?.params.model ?? ''}.`
  const own = run?.metrics.filter(({ key }) => key.startsWith(prefix)) ?? []
  const plain = (value: number) => (Number.isFinite(value) ? value : String(value))
  return new Map(own.map(({ key, value }) => [key.slice(prefix.length), plain(value)]))
}

/** Of the last verdict on it. */
function gateFacts(app: Application, { name, version }: ModelVersion): Facts {
  const judged = promotionsOf(app.promotions.database, name).filter(
    (promotion) => promotion.version === version && promotion.verdict !== undefined,
  )
  const verdict = judged.at(-1)?.verdict
  if (verdict === undefined) return new Map()
  const claims = verdict.claims.map(({ claim, standing }) => [claim, standing] as const)
  return new Map([['decision', verdict.decision], ...claims])
}

function unequal(section: Section, left: Facts, right: Facts): Difference[] {
  const names = [...new Set([...left.keys(), ...right.keys()])]
  return names.flatMap((name) => {
    const [a, b] = [left.get(name) ?? null, right.get(name) ?? null]
    return a === b ? [] : [{ section, name, a, b }]
  })
}

function present(name: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[name, value]]
}

function spoken(value: unknown): string | number {
  if (typeof value === 'number' || typeof value === 'string') return value
  return Array.isArray(value) && value.every((one) => typeof one !== 'object')
    ? value.join(',')
    : canonicalJson(value)
}
