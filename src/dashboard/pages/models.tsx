import { useState } from 'react'
import type { Session } from '../api.ts'
import { figure, instant, shortId } from '../format.ts'
import { ChangeForm } from '../parts/change-form.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { Promotions } from '../parts/promotions.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { VersionDifferences } from '../parts/version-differences.tsx'
import { useAnswer } from '../use-answer.ts'

interface ModelsProps {
  readonly name: string | undefined
  readonly session: Session
}

export function Models({ name, session }: ModelsProps) {
  return name === undefined ? <ModelList /> : <OneModel name={name} session={session} />
}

function ModelList() {
  const models = useAnswer('listModels')
  return (
    <>
      <h1>Models</h1>
      <Shown asked={models}>
        {({ models: all }) =>
          all.length === 0 ? (
            <Empty>
              No model is registered: <code>tickerflow run</code> registers one.
            </Empty>
          ) : (
            <Table
              caption="Registered models"
              columns={['Model', '#Production', '#Staging']}
              rows={all.map(({ name, production, staging }) => ({
                key: name,
                cells: [
                  <a key="link" href={`#/models/${name}`}>
                    {name}
                  </a>,
                  figure(production),
                  figure(staging),
                ],
              }))}
            />
          )
        }
      </Shown>
    </>
  )
}

function OneModel({ name, session }: { readonly name: string; readonly session: Session }) {
  const model = useAnswer('getModel', { path: { name } })
  const history = useAnswer('getModelHistory', { path: { name } })
  const [card, setCard] = useState<number>()
  const mayChange = session.scopes.includes('admin')
  return (
    <>
      <h1>{name}</h1>
      <Shown asked={model}>
        {({ production, staging, versions }) => (
          <>
            <p>
              Production: {production ?? 'nothing'}. Staging: {staging ?? 'nothing'}.
            </p>
            <Table
              caption="Versions"
              columns={['#Version', 'Live', 'Registered', 'Run', 'Card']}
              rows={versions.map(({ version, live, createdAt, runId }) => ({
                key: String(version),
                cells: [
                  ...[version, live ? 'in Production' : '', instant(createdAt)],
                  runId === null ? '–' : shortId(runId),
                  <button
                    key="card"
                    type="button"
                    aria-expanded={card === version}
                    onClick={() => setCard(card === version ? undefined : version)}
                  >
                    Card of {version}
                  </button>,
                ],
              }))}
            />
            {card !== undefined && <ModelCard name={name} version={card} />}
            {mayChange ? (
              <ChangeForm name={name} versions={versions.map(({ version }) => version)} />
            ) : (
              <p className="hint">Changing what is live needs the scope admin.</p>
            )}
            <VersionDifferences name={name} versions={versions.map(({ version }) => version)} />
          </>
        )}
      </Shown>
      <h2>Promotions</h2>
      <Shown asked={history}>
        {({ promotions }) => (
          <Promotions name={name} promotions={promotions.toReversed()} mayChange={mayChange} />
        )}
      </Shown>
    </>
  )
}

function ModelCard({ name, version }: { readonly name: string; readonly version: number }) {
  const card = useAnswer('getModelCard', { path: { name, version } })
  return (
    <section className="card" aria-label={`Model card of version ${version}`}>
      <h2>Model card of version {version}</h2>
      <Shown asked={card}>{({ card: text }) => <Markdown text={text} />}</Shown>
    </section>
  )
}
