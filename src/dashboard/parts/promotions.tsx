/** Promotions of a model with the gate's claims; what waits can be approved or rejected. */
import { useState } from 'react'
import type { Operations } from '../../serving/client/operations.ts'
import { call } from '../api.ts'
import { figure, instant, shortId } from '../format.ts'
import { Empty, Failure } from './states.tsx'
import { Table } from './table.tsx'

type Promotion = Operations['getModelHistory']['answer']['promotions'][number]

interface PromotionsProps {
  readonly name: string
  readonly promotions: readonly Promotion[]
  readonly mayChange: boolean
}

export function Promotions({ name, promotions, mayChange }: PromotionsProps) {
  if (promotions.length === 0) return <Empty>No promotion has been asked for.</Empty>
  return promotions.map((one) => (
    <details key={one.id} className="card" open={one.awaitsApproval}>
      <summary>
        Version {one.version} to {one.environment}: <strong>{one.state}</strong> ({one.kind},{' '}
        {instant(one.requestedAt)})
      </summary>
      <p>
        Asked for by {one.requester}
        {one.approver !== null && `, approved by ${one.approver}`}.{' '}
        {one.reason !== null && `Reason: ${one.reason}`}
      </p>
      <ul>
        {one.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {one.claims.length > 0 && <Claims promotion={one} />}
      {one.awaitsApproval && mayChange && <Decision name={name} promotion={one} />}
    </details>
  ))
}

function Claims({ promotion }: { readonly promotion: Promotion }) {
  return (
    <Table
      caption={`Verdict of the gate on ${shortId(promotion.id)}: ${promotion.decision}`}
      columns={['Claim', 'Required', 'Standing', '#p', 'Statement']}
      rows={promotion.claims.map(({ claim, required, standing, p, statement }) => ({
        key: claim,
        cells: [claim, required ? 'yes' : 'no', standing, figure(p), statement],
      }))}
    />
  )
}

function Decision({
  name,
  promotion: { id },
}: {
  readonly name: string
  readonly promotion: Promotion
}) {
  const [reason, setReason] = useState('')
  const [error, setError] = useState<Error>()
  const approve = () => call('approvePromotion', { path: { name }, body: { promotion: id } })
  const reject = () => call('rejectPromotion', { path: { name }, body: { promotion: id, reason } })
  const send = (decide: () => Promise<unknown>) => () => {
    decide().then(() => setError(undefined), setError)
  }
  return (
    <div className="actions">
      <button type="button" onClick={send(approve)}>
        Approve
      </button>
      <label>
        Reason to reject
        <input value={reason} onChange={({ target }) => setReason(target.value)} />
      </label>
      <button type="button" disabled={reason.trim() === ''} onClick={send(reject)}>
        Reject
      </button>
      {error !== undefined && <Failure error={error} />}
    </div>
  )
}
