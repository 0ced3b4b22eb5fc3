/** What the scheduler does by itself, in the order in which it is due after a session. */
export const JOB_KINDS = ['ingest', 'monitor', 'retrain', 'forecast', 'backup'] as const
export type JobKind = (typeof JOB_KINDS)[number]
