/** What a search of experiments can compare and order by. */
import type { FilterIdentifier } from '../search/filter-grammar.ts'
import type { Experiment, ExperimentQuery, Page } from '../tracking-store.ts'
import { experimentOf } from './experiment-queries.ts'
import { lifecycleIs } from './run-search.ts'
import {
  ENTRY_OPERATORS,
  fieldNamed,
  numberField,
  type SearchField,
  searchRows,
  textField,
  unknownPrefix,
} from './search-sql.ts'
import type { StoreContext } from './store-context.ts'

const ATTRIBUTES: Readonly<Record<string, SearchField>> = {
  name: textField('experiments.name'),
  experiment_id: numberField('experiments.experiment_id'),
  creation_time: numberField('experiments.creation_time'),
  last_update_time: numberField('experiments.last_update_time'),
}

const DEFAULT_PAGE = 1000

export function searchExperiments(context: StoreContext, query: ExperimentQuery): Page<Experiment> {
  const page = searchRows(context, {
    ...query,
    table: 'experiments',
    resolve: experimentField,
    filter: query.filter,
    orderBy: query.orderBy,
    conditions: lifecycleIs(query.view, 'experiments'),
    lastOrder: 'experiments.creation_time DESC, experiments.experiment_id DESC',
    defaultLimit: DEFAULT_PAGE,
  })
  return { ...page, items: page.items.map((row) => experimentOf(context, row)) }
}

function experimentField({ prefix, key }: FilterIdentifier): SearchField {
  switch (prefix) {
    case undefined:
    case 'attribute':
    case 'attributes':
    case 'attr':
    case 'experiment':
      return fieldNamed(ATTRIBUTES, key, 'attribute')
    case 'tag':
    case 'tags':
      return {
        ...textField('experiment_tags.value', ENTRY_OPERATORS),
        rows: {
          sql: `experiment_tags WHERE experiment_tags.experiment_id = experiments.experiment_id
            AND experiment_tags."key" = ?`,
          values: [key],
        },
      }
    default:
      throw unknownPrefix(prefix, ['attribute', 'tag'])
  }
}
