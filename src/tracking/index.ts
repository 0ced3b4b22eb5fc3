/** Public entry point `tickerflow/tracking`: a client of MLflow's tracking server and registry. */
export { ERROR_CATALOGUE, type ErrorCode, isTickerflowError, TickerflowError } from '../errors.ts'
export type { ArtifactContent, ArtifactRepository } from './client/artifacts/artifact-repository.ts'
export {
  type BufferedStore,
  type BufferedStoreOptions,
  openBufferedStore,
} from './client/buffered-store.ts'
export {
  createMlflowClient,
  type MlflowClient,
  type MlflowClientOptions,
} from './client/mlflow-client.ts'
export { DEFAULT_RETRY_POLICY, type RetryPolicy } from './client/retry-policy.ts'
export type { SpoolEvent } from './client/spool/outbox.ts'
export type { TrackingCredentials } from './client/tracking-http.ts'
export type * from './logged-model-store.ts'
export type * from './tracking-store.ts'
