import type { Operations } from '../../serving/client/operations.ts'
import { figure, instant, percent } from '../format.ts'
import { LineChart } from '../parts/line-chart.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { useAnswer } from '../use-answer.ts'

type Report = NonNullable<Operations['getMonitoring']['answer']['latest']>
type Entry = Report['performance'][number]

export function Monitoring({ name }: { readonly name: string | undefined }) {
  const models = useAnswer('listModels')
  return (
    <>
      <h1>Drift and performance{name !== undefined && `: ${name}`}</h1>
      <Shown asked={models}>
        {({ models: all }) => {
          const chosen = name ?? all[0]?.name
          if (chosen === undefined) return <Empty>No model is registered yet.</Empty>
          return (
            <>
              {all.length > 1 && (
                <nav aria-label="Models">
                  {all.map((one) => (
                    <a key={one.name} href={`#/monitoring/${one.name}`}>
                      {one.name}
                    </a>
                  ))}
                </nav>
              )}
              <Reports key={chosen} name={chosen} />
            </>
          )
        }}
      </Shown>
    </>
  )
}

function Reports({ name }: { readonly name: string }) {
  const asked = useAnswer('getMonitoring', { path: { name }, query: { limit: 200 } })
  return (
    <Shown asked={asked}>
      {({ latest, history }) =>
        latest === null ? (
          <Empty>
            {name} has not been looked at: <code>tickerflow monitor</code> makes a report.
          </Empty>
        ) : (
          <>
            <p>
              Latest look: {instant(latest.at)}. Data of {latest.data.lastSession ?? 'no day'},{' '}
              {latest.data.ageSessions ?? 0} session(s) old.
            </p>
            <Notes report={latest} />
            <Performance entries={latest.performance} />
            <OverTime history={history.toReversed()} />
            <Drift report={latest} />
          </>
        )
      }
    </Shown>
  )
}

function Notes({ report: { notes, drift } }: { readonly report: Report }) {
  return (
    <ul>
      {[...notes, ...drift.reasons].map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  )
}

function Performance({ entries }: { readonly entries: readonly Entry[] }) {
  return (
    <>
      <h2>Live performance</h2>
      {entries.length === 0 ? (
        <Empty>No forecast in the ledger yet.</Empty>
      ) : (
        <Table
          caption="By model, version and horizon"
          columns={[
            'Model',
            'Role',
            '#Version',
            '#Sessions ahead',
            '#Matured',
            '#Pending',
            '#CRPS',
            '#Coverage 80 %',
            '#Coverage 95 %',
            '#Skill against naive',
            '#CUSUM',
          ]}
          rows={entries.map((one) => ({
            key: [one.model, one.version, one.role, one.horizon].join(' '),
            cells: [
              ...[one.model, one.role, one.version, one.horizon, one.matured, one.pending],
              ...[figure(one.crps), percent(one.coverage80), percent(one.coverage95)],
              ...[percent(one.skill.naive?.skillRatio, 2), changeWords(one)],
            ],
          }))}
        />
      )}
    </>
  )
}

function changeWords({ change: { naive } }: Entry): string {
  if (naive === undefined) return '–'
  return `${figure(naive.statistic)} of ${figure(naive.threshold)}${naive.alarm ? ', alarm' : ''}`
}

function OverTime({ history }: { readonly history: readonly Report[] }) {
  const champions = history.map(({ performance }) =>
    performance.find(({ role }) => role === 'champion'),
  )
  const days = history.map(({ at }) => at.slice(0, 10))
  const threshold = champions.findLast((one) => one?.change.naive !== undefined)?.change.naive
    ?.threshold
  const thresholds = threshold === undefined ? [] : [{ name: 'threshold', value: threshold }]
  return (
    <>
      <LineChart
        label="Coverage of the champion by report; the table above has the latest figures"
        unit="share"
        categories={days}
        series={[
          { name: 'Coverage 80 %', values: champions.map((one) => one?.coverage80 ?? null) },
          { name: 'Coverage 95 %', values: champions.map((one) => one?.coverage95 ?? null) },
        ]}
        thresholds={[
          { name: '80 %', value: 0.8 },
          { name: '95 %', value: 0.95 },
        ]}
      />
      <LineChart
        label="CUSUM of the champion's loss against naive by report, with its threshold"
        unit="standard deviations"
        categories={days}
        series={[
          { name: 'CUSUM', values: champions.map((one) => one?.change.naive?.statistic ?? null) },
        ]}
        thresholds={thresholds}
      />
      <LineChart
        label="Largest drift score of all features by report, with its threshold"
        unit="distance over threshold"
        categories={days}
        series={[{ name: 'Largest drift score', values: history.map(largestScore) }]}
        thresholds={[{ name: 'threshold', value: 1 }]}
      />
    </>
  )
}

function largestScore({ drift }: Report): number | null {
  const scores = Object.values(drift.scores)
  return scores.length === 0 ? null : Math.max(...scores)
}

function Drift({ report: { drift } }: { readonly report: Report }) {
  const scores = Object.entries(drift.scores)
  return (
    <>
      <h2>Drift: {drift.verdict}</h2>
      {scores.length === 0 ? (
        <Empty>The report has no drift scores.</Empty>
      ) : (
        <>
          <LineChart
            kind="bar"
            label="Drift score by feature; the table below has the figures"
            unit="distance over threshold"
            categories={scores.map(([name]) => name)}
            series={[{ name: 'Drift score', values: scores.map(([, score]) => score) }]}
            thresholds={[{ name: 'threshold', value: 1 }]}
          />
          <Table
            caption="Drift by feature; above 1 is drift of the window"
            columns={['Feature', '#Score']}
            rows={scores.map(([name, score]) => ({ key: name, cells: [name, figure(score)] }))}
          />
        </>
      )}
    </>
  )
}
