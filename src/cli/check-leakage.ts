/** `tickerflow check leakage`: whether anything that would be computed knows the future. */
import { checkLeakage, type LeakageDocument } from '../pipeline/check-leakage.ts'
import { colours } from './colours.ts'
import { withContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { assertOneHorizon, configOf, type ModelOptions } from './flags.ts'

export interface LeakageOptions extends ModelOptions {
  readonly features?: string
  readonly cuts: number
}

/** @returns The exit code: 3 when something was found. */
export async function leakage(options: LeakageOptions): Promise<number> {
  assertOneHorizon(options)
  return await withContext(options, configOf(options), async (context) => {
    const { app, config, progress, signal, answer } = context
    const { csv, features: featureModule, cuts } = options
    const request = { config, csv, featureModule, cuts, progress, signal }
    const document = await checkLeakage(app, request)
    answer(document, () => leakageWords(document))
    return document.findings.length === 0 ? EXIT.done : EXIT.blockedByData
  })
}

function leakageWords({ findings, ...checked }: LeakageDocument): string {
  const { symbols, features, models, cuts, fittedTo } = checked
  const what = `${features.length} features of ${symbols.join(', ')} on ${cuts} days; ${models.join(', ')} fitted up to ${fittedTo.join(', ')}`
  if (findings.length === 0) return `${colours.green('No leakage')}: ${what}.`
  return [
    colours.red(`Leakage in ${findings.map(({ subject }) => subject).join(', ')}`),
    ...findings.map(({ message }) => `  ${message}`),
    colours.dim(`Checked ${what}.`),
  ].join('\n')
}
