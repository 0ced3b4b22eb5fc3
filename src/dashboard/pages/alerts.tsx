import { useState } from 'react'
import { call } from '../api.ts'
import { instant } from '../format.ts'
import { Empty, Failure, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { useAnswer } from '../use-answer.ts'

/** What is open, what was, and which channels have not been reached. */
export function Alerts() {
  const alerts = useAnswer('listAlerts', { query: { all: true, limit: 200 } })
  const [error, setError] = useState<Error>()
  const acknowledge = (id: string) => {
    call('acknowledgeAlert', { path: { id } }).then(() => {
      setError(undefined)
      alerts.again()
    }, setError)
  }
  return (
    <>
      <h1>Alerts</h1>
      {error !== undefined && <Failure error={error} />}
      <Shown asked={alerts}>
        {({ alerts: all, waiting }) => {
          const open = all.filter(({ resolvedAt }) => resolvedAt === null)
          const over = all.filter(({ resolvedAt }) => resolvedAt !== null)
          return (
            <>
              {waiting.map(
                ({ channel, waiting: count, error: reason }) =>
                  reason !== null && (
                    <p key={channel} className="failure">
                      The channel {channel} has not taken {count} notice(s) yet: {reason}.
                    </p>
                  ),
              )}
              <h2>Open</h2>
              {open.length === 0 ? (
                <Empty>No alert is open.</Empty>
              ) : (
                <Table
                  caption="Open alerts, the newest first"
                  columns={['Severity', 'What', 'Since', 'Last seen', 'Acknowledged']}
                  rows={open.map((alert) => ({
                    key: alert.id,
                    cells: [
                      <span key="severity" className={`severity ${alert.severity}`}>
                        {alert.severity}
                      </span>,
                      alert.summary,
                      instant(alert.raisedAt),
                      instant(alert.seenAt),
                      alert.acknowledgedBy === null ? (
                        <button
                          key="acknowledge"
                          type="button"
                          aria-label={`Acknowledge: ${alert.summary}`}
                          onClick={() => acknowledge(alert.id)}
                        >
                          Acknowledge
                        </button>
                      ) : (
                        `by ${alert.acknowledgedBy.split(':').at(-1)}`
                      ),
                    ],
                  }))}
                />
              )}
              <h2>Over</h2>
              {over.length === 0 ? (
                <Empty>No alert has ended yet.</Empty>
              ) : (
                <Table
                  caption="Alerts that are over"
                  columns={['Severity', 'What', 'From', 'To']}
                  rows={over.map(({ id, severity, summary, raisedAt, resolvedAt }) => ({
                    key: id,
                    cells: [
                      severity,
                      summary,
                      instant(raisedAt),
                      resolvedAt === null ? '–' : instant(resolvedAt),
                    ],
                  }))}
                />
              )}
            </>
          )
        }}
      </Shown>
    </>
  )
}
