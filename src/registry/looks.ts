/** Counts how often the gate has looked at evidence for a recipe: every look costs some of alpha. */
import { numberOf } from '../sqlite/row.ts'
import type { StateDatabase } from '../state/state-database.ts'

export interface Look {
  readonly model: string
  /** Digest of everything that shapes the model but the data span. */
  readonly recipe: string
  /** Digest of the evidence: the same evidence shown twice is one look. */
  readonly evidence: string
  readonly atMs: number
}

/** Records the look. @returns Its number, from 1. */
export function countLook(connection: StateDatabase, look: Look): number {
  return connection.transaction(() => {
    const { model, recipe, evidence, atMs } = look
    connection
      .prepare(
        `INSERT INTO looks (model, recipe, look, evidence, at)
         SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), coalesce(max(look), 0) + 1, CAST(?3 AS TEXT), CAST(?4 AS BIGINT)
         FROM looks WHERE model = ?1 AND recipe = ?2
         ON CONFLICT (model, recipe, evidence) DO NOTHING`,
      )
      .run(model, recipe, evidence, atMs)
    const row = connection
      .prepare('SELECT look FROM looks WHERE model = ? AND recipe = ? AND evidence = ?')
      .get(model, recipe, evidence)
    return numberOf(row ?? {}, 'look')
  })
}
