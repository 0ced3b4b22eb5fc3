import { instant } from '../format.ts'
import { Empty, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { useAnswer } from '../use-answer.ts'

/** What works or waits: runs that have not ended, what is scheduled, and what came of it. */
export function Jobs() {
  const runs = useAnswer('listRuns', { query: { limit: 200 } })
  const jobs = useAnswer('listJobs', { query: { limit: 100 } })
  return (
    <>
      <h1>Jobs</h1>
      <Shown asked={runs}>
        {({ runs: all }) => {
          const active = all.filter(({ status }) => status === 'RUNNING' || status === 'SCHEDULED')
          if (active.length === 0) return <Empty>No run is under way.</Empty>
          return (
            <Table
              caption="Runs under way"
              columns={['Run', 'Status', 'Started']}
              rows={active.map(({ id, name, status, startedAt }) => ({
                key: id,
                cells: [name, status, instant(startedAt)],
              }))}
            />
          )
        }}
      </Shown>
      <Shown asked={jobs}>
        {({ schedules, jobs: latest, retrainings }) => (
          <>
            <h2>Schedules</h2>
            {schedules.length === 0 ? (
              <Empty>Nothing is scheduled.</Empty>
            ) : (
              <Table
                caption="What is due when, where tickerflow schedule start runs"
                columns={['Job', 'Symbol', 'When', 'Next']}
                rows={schedules.map(({ kind, symbol, rule, next }) => ({
                  key: `${kind} ${symbol}`,
                  cells: [kind, symbol, rule, next === null ? '–' : instant(next)],
                }))}
              />
            )}
            <h2>Latest jobs</h2>
            {latest.length === 0 ? (
              <Empty>No job has been due yet.</Empty>
            ) : (
              <Table
                caption="Jobs, the newest first"
                columns={['Job', 'Symbol', 'Due', 'State', 'Outcome']}
                rows={latest.map(({ id, kind, symbol, dueAt, state, outcome }) => ({
                  key: String(id),
                  cells: [kind, symbol, instant(dueAt), state, outcome ?? '–'],
                }))}
              />
            )}
            <h2>Retrainings</h2>
            {retrainings.length === 0 ? (
              <Empty>No challenger has been trained yet.</Empty>
            ) : (
              <Table
                caption="Retrainings, the newest first"
                columns={['Symbol', 'Version', 'Why', 'Started', 'State', 'Outcome']}
                rows={retrainings.map(
                  ({ id, symbol, version, reason, startedAt, state, outcome }) => ({
                    key: id,
                    cells: [
                      symbol,
                      version === null ? '–' : String(version),
                      reason,
                      instant(startedAt),
                      state,
                      outcome ?? '–',
                    ],
                  }),
                )}
              />
            )}
          </>
        )}
      </Shown>
    </>
  )
}
