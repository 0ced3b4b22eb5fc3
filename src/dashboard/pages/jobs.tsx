import { instant } from '../format.ts'
import { Empty, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { useAnswer } from '../use-answer.ts'

/** What works or waits: runs that have not ended, and schedules once there are any. */
export function Jobs() {
  const runs = useAnswer('listRuns', { query: { limit: 200 } })
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
      <h2>Schedules</h2>
      <Empty>The program keeps no schedules: runs begin when somebody starts them.</Empty>
    </>
  )
}
