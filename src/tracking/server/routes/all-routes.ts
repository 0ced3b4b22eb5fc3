/** Every route whose reply is JSON from the store. */
import type { Route } from '../route.ts'
import { ARTIFACT_LIST_ROUTES } from './artifact-routes.ts'
import { EXPERIMENT_ROUTES } from './experiment-routes.ts'
import { LOGGED_MODEL_ROUTES } from './logged-model-routes.ts'
import { METRIC_ROUTES } from './metric-routes.ts'
import { MODEL_VERSION_ROUTES } from './model-version-routes.ts'
import { REGISTERED_MODEL_ROUTES } from './registered-model-routes.ts'
import { RUN_ROUTES } from './run-routes.ts'

export const ROUTES: readonly Route[] = [
  ...EXPERIMENT_ROUTES,
  ...RUN_ROUTES,
  ...METRIC_ROUTES,
  ...LOGGED_MODEL_ROUTES,
  ...REGISTERED_MODEL_ROUTES,
  ...MODEL_VERSION_ROUTES,
  ...ARTIFACT_LIST_ROUTES,
]

/** Those for the thread for reads, by path. */
export const READ_ROUTES: ReadonlyMap<string, Route> = new Map(
  ROUTES.filter(({ aside }) => aside).map((route) => [route.path, route]),
)
