import { candidateScore } from '../candidate-score.ts'
import { figure, instant, percent, price } from '../format.ts'
import { nestRuns } from '../nested-runs.ts'
import { Empty, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { useAnswer } from '../use-answer.ts'

export function Overview() {
  const ready = useAnswer('getServerMetadata')
  const symbols = useAnswer('listSymbols')
  return (
    <>
      <h1>Overview</h1>
      <Shown asked={ready}>
        {({ name, version }) => (
          <p>
            The server answers: {name} {version}.
          </p>
        )}
      </Shown>
      <Shown asked={symbols}>
        {({ symbols: all }) => {
          const live = all.filter(({ production }) => production !== null)
          if (live.length === 0) {
            return (
              <Empty>
                Nothing is in Production. <code>tickerflow run</code> trains a model, judges it and
                promotes what deserves it.
              </Empty>
            )
          }
          return (
            <div className="cards">
              {live.map(({ symbol, model, production }) => (
                <LiveModel key={symbol} symbol={symbol} model={model} version={production ?? 0} />
              ))}
            </div>
          )
        }}
      </Shown>
      <OpenAlerts />
      <RecentRuns />
    </>
  )
}

/** What is open, the gravest first. */
function OpenAlerts() {
  const alerts = useAnswer('listAlerts')
  return (
    <>
      <h2>Open alerts</h2>
      <Shown asked={alerts}>
        {({ alerts: open }) =>
          open.length === 0 ? (
            <Empty>No alert is open.</Empty>
          ) : (
            <ul className="alerts">
              {open.map(({ id, severity, summary }) => (
                <li key={id}>
                  <span className={`severity ${severity}`}>{severity}</span>{' '}
                  <a href="#/alerts">{summary}</a>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </>
  )
}

interface LiveModelProps {
  readonly symbol: string
  readonly model: string
  readonly version: number
}

function LiveModel({ symbol, model, version }: LiveModelProps) {
  const issued = useAnswer('getIssuedForecasts', { path: { symbol }, query: { limit: 1 } })
  const monitoring = useAnswer('getMonitoring', { path: { name: model }, query: { limit: 1 } })
  return (
    <section className="card">
      <h2>
        <a href={`#/symbols/${symbol}`}>{symbol}</a>
      </h2>
      <p>
        <a href={`#/models/${model}`}>{model}</a> version {version} is in Production.
      </p>
      <Shown asked={issued}>
        {({ forecasts: [last] }) =>
          last === undefined ? (
            <Empty>No forecast has been issued yet.</Empty>
          ) : (
            <dl>
              <dt>Last forecast</dt>
              <dd>
                {price(last.median)} from {price(last.referenceClose)} at the close of {last.asOf}
              </dd>
              <dt>80 % interval</dt>
              <dd>
                {price(last.low80)} to {price(last.high80)}
              </dd>
              <dt>Horizon</dt>
              <dd>{last.horizon} session(s)</dd>
              <dt>Issued</dt>
              <dd>{instant(last.issuedAt)}</dd>
            </dl>
          )
        }
      </Shown>
      <Shown asked={monitoring}>
        {({ latest }) =>
          latest === null ? (
            <p className="hint">
              Never monitored: <code>tickerflow monitor</code>.
            </p>
          ) : (
            <p>
              Drift: <a href={`#/monitoring/${model}`}>{latest.drift.verdict}</a>, looked at{' '}
              {instant(latest.at)}
            </p>
          )
        }
      </Shown>
    </section>
  )
}

const RUNS_SHOWN = 5

/** The recent runs, with what they scored. */
function RecentRuns() {
  const runs = useAnswer('listRuns', { query: { limit: 200 } })
  return (
    <>
      <h2>Recent runs</h2>
      <Shown asked={runs}>
        {({ runs: all }) =>
          all.length === 0 ? (
            <Empty>No run has been tracked.</Empty>
          ) : (
            <Table
              caption="The newest runs"
              columns={['Run', 'Status', 'Started', '#CRPS', '#Coverage 80 %']}
              rows={nestRuns(all)
                .slice(0, RUNS_SHOWN)
                .map(({ run }) => ({
                  key: run.id,
                  cells: [
                    run.name,
                    run.status,
                    instant(run.startedAt),
                    figure(candidateScore(run, 'crps')),
                    percent(candidateScore(run, 'coverage80')),
                  ],
                }))}
            />
          )
        }
      </Shown>
    </>
  )
}
