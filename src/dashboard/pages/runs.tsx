import { type ReactNode, useState } from 'react'
import { candidateScore } from '../candidate-score.ts'
import { figure, instant } from '../format.ts'
import { nestRuns, type Run } from '../nested-runs.ts'
import { LineChart } from '../parts/line-chart.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { useAnswer } from '../use-answer.ts'

export function Runs() {
  const runs = useAnswer('listRuns', { query: { limit: 200 } })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (id: string) =>
    setChosen((before) => {
      const after = new Set(before)
      if (!after.delete(id)) after.add(id)
      return after
    })
  return (
    <>
      <h1>Backtests and runs</h1>
      <Shown asked={runs}>
        {({ runs: all }) => {
          if (all.length === 0) {
            return (
              <Empty>
                No run has been tracked: <code>tickerflow run</code> makes one.
              </Empty>
            )
          }
          const compared = all.filter(({ id }) => chosen.has(id))
          return (
            <>
              <p>Choose runs to compare them.</p>
              <RunTable runs={all} chosen={chosen} onToggle={toggle} />
              {compared.length > 0 && <Comparison runs={compared} />}
            </>
          )
        }}
      </Shown>
    </>
  )
}

interface RunTableProps {
  readonly runs: readonly Run[]
  readonly chosen: ReadonlySet<string>
  readonly onToggle: (id: string) => void
}

function RunTable({ runs, chosen, onToggle }: RunTableProps) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const toggleParts = (id: string) =>
    setOpened((before) => {
      const after = new Set(before)
      if (!after.delete(id)) after.add(id)
      return after
    })
  const row = (run: Run, name: ReactNode, parts: ReactNode) => ({
    key: run.id,
    cells: [
      <input
        key="choice"
        type="checkbox"
        aria-label={`Compare ${run.name} of ${instant(run.startedAt)}`}
        checked={chosen.has(run.id)}
        onChange={() => onToggle(run.id)}
      />,
      ...[name, parts, run.status, instant(run.startedAt)],
      ...[figure(candidateScore(run, 'crps')), Object.keys(run.metrics).length],
    ],
  })
  const rows = nestRuns(runs).flatMap(({ run, parts }) => {
    const isOpen = opened.has(run.id)
    const button = (
      <button
        key="parts"
        type="button"
        aria-expanded={isOpen}
        aria-label={`${isOpen ? 'Hide' : 'Show'} ${parts.length} parts of ${run.name}`}
        onClick={() => toggleParts(run.id)}
      >
        {isOpen ? 'Hide' : 'Show'} {parts.length}
      </button>
    )
    return [
      row(run, run.name, parts.length === 0 ? '–' : button),
      ...(isOpen
        ? parts.map((part) =>
            row(
              part,
              <span key="name" className="part">
                {part.name}
              </span>,
              '',
            ),
          )
        : []),
    ]
  })
  return (
    <Table
      caption="Tracked runs, the newest first"
      columns={['Compare', 'Run', 'Parts', 'Status', 'Started', '#CRPS', '#Metrics']}
      rows={rows}
    />
  )
}

function Comparison({ runs }: { readonly runs: readonly Run[] }) {
  const names = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))]
    .filter((name) => !name.startsWith('system/'))
    .sort()
  const scores = names.filter((name) => /(^|[./_])crps$/i.test(name))
  const titles = runs.map((run, i) => `${run.name} (${i + 1})`)
  return (
    <section aria-label="Comparison">
      <h2>Comparison</h2>
      {scores.length > 0 && (
        <LineChart
          kind="bar"
          label="CRPS of the chosen runs by model; the table below has the figures"
          unit="CRPS (log return)"
          categories={scores}
          series={runs.map((run, i) => ({
            name: titles[i] ?? run.name,
            values: scores.map((name) => run.metrics[name] ?? null),
          }))}
        />
      )}
      <Table
        caption="Metrics of the chosen runs"
        columns={['Metric', ...titles.map((title) => `#${title}`)]}
        rows={names.map((name) => ({
          key: name,
          cells: [name, ...runs.map(({ metrics }) => figure(metrics[name]))],
        }))}
      />
    </section>
  )
}
