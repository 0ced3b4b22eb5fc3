/** Sections of a model card about its making: data, training, origin. */
import { formatDay } from '../../market/trading-date.ts'
import { recipeDigest } from '../recipe.ts'
import { recipeParams } from '../training-log.ts'
import { fixed, markdownTable, wordTable } from './markdown.ts'
import type { CardSource } from './model-card-source.ts'

export function dataSection({ panel, historical }: CardSource): string[] {
  const rows = panel.map(({ bars, findings }) => [
    bars.symbol,
    bars.source,
    formatDay(bars.date[0] ?? 0),
    formatDay(bars.date.at(-1) ?? 0),
    String(bars.date.length),
    String(findings.length),
    `\`${bars.digest}\``,
  ])
  return [
    'Daily bars, prices adjusted for splits, not for dividends. A digest is the SHA-256 of a series.',
    ...(historical ? ['The data end in the past on purpose: this is a demonstration.'] : []),
    '',
    ...wordTable(['symbol', 'source', 'first', 'last', 'sessions', 'findings', 'digest'], rows),
  ]
}

export function trainingSection({ recipe, training, trainedTo }: CardSource): string[] {
  const rows = Object.entries(recipeParams(recipe)).map(([name, value]) => [name, value])
  return [
    `Fitted on every session up to ${trainedTo}; everything that is estimated, scalers included, from those alone.`,
    ...epochWords(training),
    '',
    ...wordTable(['setting', 'value'], rows),
  ]
}

function epochWords(training: CardSource['training']): string[] {
  if (training.length === 0) return []
  const members = [...new Set(training.map(({ member }) => member))]
  const rows = members.map((member) => {
    const own = training.filter((event) => event.member === member)
    const best = own.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a))
    return [
      `network ${member}`,
      String(own.length),
      String(best.epoch),
      fixed(best.trainLoss, 4),
      fixed(best.validationLoss, 4),
    ]
  })
  const header = ['network', 'epochs', 'best epoch', 'training loss there', 'validation loss there']
  return ['', ...markdownTable(header, rows)]
}

export function provenanceSection({ recipe, run, parentVersion, version }: CardSource): string[] {
  const { tags } = run
  const rows = {
    run: `\`${run.id}\` in experiment ${run.experiment}`,
    'recipe digest': `\`${recipeDigest(recipe)}\``,
    'parent version': parentVersion === undefined ? 'none' : `${version.name} ${parentVersion}`,
    'program version': tags['tickerflow.version'],
    commit: commitWords(tags),
    engine: tags['tickerflow.engine'],
    'kernel digest': tags['tickerflow.kernelDigest'],
    Node: tags['tickerflow.node'],
    platform: tags['tickerflow.platform'],
  }
  return wordTable(
    ['', ''],
    Object.entries(rows).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function commitWords(tags: CardSource['run']['tags']): string | undefined {
  const commit = tags['mlflow.source.git.commit']
  if (commit === undefined) return undefined
  return tags['tickerflow.gitDirty'] === 'true' ? `${commit}, with changes` : commit
}
