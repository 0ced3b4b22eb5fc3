import { useState } from 'react'
import { figure, instant, price, shortId } from '../format.ts'
import { Empty, Shown } from '../parts/states.tsx'
import { Table } from '../parts/table.tsx'
import { useAnswer } from '../use-answer.ts'

export function Ledger() {
  return (
    <>
      <h1>Ledger and audit log</h1>
      <Verification />
      <Forecasts />
      <Audit />
    </>
  )
}

function Verification() {
  const asked = useAnswer('verifyRecords')
  return (
    <Shown asked={asked}>
      {({ audit, ledger }) => (
        <dl className="card">
          <dt>Forecast ledger</dt>
          <dd className={ledger.state}>
            {ledger.state}, {ledger.lines} lines. {ledger.detail}
          </dd>
          <dt>Audit log</dt>
          <dd className={audit.state}>
            {audit.state}, {audit.lines} lines. {audit.detail}
          </dd>
        </dl>
      )}
    </Shown>
  )
}

function Forecasts() {
  const [chain, setChain] = useState<string>()
  const [before, setBefore] = useState<number>()
  const query = {
    limit: 50,
    ...(chain !== undefined && { chain }),
    ...(before !== undefined && { before }),
  }
  const asked = useAnswer('getLedger', { query })
  return (
    <>
      <h2>Forecasts issued</h2>
      <Shown asked={asked}>
        {({ lines, heads }) =>
          heads.length === 0 ? (
            <Empty>No forecast has been issued yet.</Empty>
          ) : (
            <>
              <label>
                Chain
                <select
                  value={chain ?? heads[0]?.chain}
                  onChange={({ target }) => {
                    setChain(target.value)
                    setBefore(undefined)
                  }}
                >
                  {heads.map((head) => (
                    <option key={head.chain}>{head.chain}</option>
                  ))}
                </select>
              </label>
              <Table
                caption={`Lines of the chain, the newest first`}
                columns={[
                  '#Line',
                  'Symbol',
                  'Day',
                  'Model',
                  '#Version',
                  'Role',
                  '#Close',
                  '#Scale',
                  'Issued',
                  'Late',
                  'Hash',
                ]}
                rows={lines.map((line) => ({
                  key: String(line.seq),
                  cells: [
                    ...[line.seq, line.symbol, line.asOf, line.model, line.version, line.role],
                    ...[price(line.referenceClose), figure(line.scale), instant(line.issuedAt)],
                    ...[line.late ? 'late' : '', shortId(line.hash)],
                  ],
                }))}
              />
              <Pager
                what="lines"
                isFirst={before === undefined}
                next={(lines.at(-1)?.seq ?? 1) > 1 ? lines.at(-1)?.seq : undefined}
                onPage={(line) => {
                  setChain(chain ?? heads[0]?.chain)
                  setBefore(line)
                }}
              />
            </>
          )
        }
      </Shown>
    </>
  )
}

function Audit() {
  const [before, setBefore] = useState<number>()
  const asked = useAnswer('getAudit', {
    query: { limit: 50, ...(before !== undefined && { before }) },
  })
  return (
    <>
      <h2>Audit log</h2>
      <Shown asked={asked}>
        {({ lines }) =>
          lines.length === 0 ? (
            <Empty>Nothing has been changed yet.</Empty>
          ) : (
            <>
              <Table
                caption="Changes, the newest first"
                columns={['#Line', 'When', 'Event', 'By', 'What', 'Hash']}
                rows={lines.map(({ line, at, event, fields, hash }) => ({
                  key: String(line),
                  cells: [line, instant(at), event, actorOf(fields), whatOf(fields), shortId(hash)],
                }))}
              />
              <Pager
                what="changes"
                isFirst={before === undefined}
                next={(lines.at(-1)?.line ?? 1) > 1 ? lines.at(-1)?.line : undefined}
                onPage={setBefore}
              />
            </>
          )
        }
      </Shown>
    </>
  )
}

type Fields = Readonly<Record<string, unknown>>

function actorOf({ by, approver, requester }: Fields): string {
  return String(by ?? approver ?? requester ?? '–')
}

function whatOf({ model, version, environment, name }: Fields): string {
  if (model === undefined) return String(name ?? '')
  return `${model} ${version ?? ''} ${environment ?? ''}`
}

interface PagerProps {
  readonly what: string
  readonly isFirst: boolean
  readonly next: number | undefined
  readonly onPage: (before: number | undefined) => void
}

function Pager({ what, isFirst, next, onPage }: PagerProps) {
  return (
    <p className="actions">
      <button type="button" disabled={isFirst} onClick={() => onPage(undefined)}>
        Newest {what}
      </button>
      <button type="button" disabled={next === undefined} onClick={() => onPage(next)}>
        Older {what}
      </button>
    </p>
  )
}
