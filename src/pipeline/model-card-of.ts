/** The model card of a registered version, as its run has recorded it. */
import { TickerflowError } from '../errors.ts'
import type { Application } from './application.ts'
import { MODEL_CARD_FILE } from './run-recording/model-card-file.ts'

/** @returns Markdown. @throws {TickerflowError} NOT_FOUND when the version or its card is not there. */
export async function modelCardOf(
  app: Application,
  name: string,
  version: number,
): Promise<string> {
  const { runId } = await app.tracking.getModelVersion({ name, version })
  const files = runId === undefined ? [] : await app.tracking.listArtifacts(runId)
  if (runId !== undefined && files.some(({ path }) => path === MODEL_CARD_FILE)) {
    return new TextDecoder().decode(await app.tracking.readArtifact(runId, MODEL_CARD_FILE))
  }
  throw new TickerflowError(
    'NOT_FOUND',
    `${name} version ${version} has no model card: it was not registered by \`tickerflow run\` or ` +
      '`train`, or by an older version of the program.',
    { details: { name, version } },
  )
}
