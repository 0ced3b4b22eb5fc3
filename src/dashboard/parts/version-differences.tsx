import { useState } from 'react'
import { figure } from '../format.ts'
import { useAnswer } from '../use-answer.ts'
import { Empty, Shown } from './states.tsx'
import { Table } from './table.tsx'

interface VersionDifferencesProps {
  readonly name: string
  readonly versions: readonly number[]
}

export function VersionDifferences({ name, versions }: VersionDifferencesProps) {
  const [pair, setPair] = useState([versions[1] ?? 0, versions[0] ?? 0] as const)
  if (versions.length < 2) return null
  const [a, b] = pair
  return (
    <section aria-label="Differences">
      <h2>What tells versions apart</h2>
      <div className="actions">
        <Choice label="From" value={a} versions={versions} onChoice={(one) => setPair([one, b])} />
        <Choice label="To" value={b} versions={versions} onChoice={(one) => setPair([a, one])} />
      </div>
      <Differences key={`${a} ${b}`} name={name} a={a} b={b} />
    </section>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: number
  readonly versions: readonly number[]
  readonly onChoice: (version: number) => void
}

function Choice({ label, value, versions, onChoice }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ target }) => onChoice(Number(target.value))}>
        {versions.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  )
}

function Differences({
  name,
  a,
  b,
}: {
  readonly name: string
  readonly a: number
  readonly b: number
}) {
  const asked = useAnswer('compareVersions', { path: { name }, query: { a, b } })
  return (
    <Shown asked={asked}>
      {({ sameRecipe, differences }) =>
        differences.length === 0 ? (
          <Empty>Nothing differs.</Empty>
        ) : (
          <Table
            caption={
              sameRecipe ? 'Differences; the recipe is the same' : 'Differences; the recipes differ'
            }
            columns={['Section', 'Fact', `#Version ${a}`, `#Version ${b} `]}
            rows={differences.map((one) => ({
              key: `${one.section} ${one.name}`,
              cells: [one.section, one.name, factWords(one.a), factWords(one.b)],
            }))}
          />
        )
      }
    </Shown>
  )
}

function factWords(value: string | number | null): string {
  if (typeof value !== 'string') return figure(value)
  return value.length > 40 ? `${value.slice(0, 12)}…` : value
}
