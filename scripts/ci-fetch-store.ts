/**
 * Brings the artifact of the latest run of a workflow that has one, by GitHub's own program `gh`; where
 * there is none yet, says so and goes on.
 *
 *     npm run ci:fetch-store -- --workflow retrain.yml --artifact store --to DIR
 */
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    workflow: { type: 'string', default: 'retrain.yml' },
    artifact: { type: 'string', default: 'store' },
    to: { type: 'string', default: 'store-backups' },
  },
})
const LATEST = '20'
const runs = gh(
  'run',
  'list',
  '--workflow',
  values.workflow,
  '--status',
  'completed',
  '--limit',
  LATEST,
)
const found = runs.some((id) => downloaded(id))
process.stdout.write(found ? '' : 'No earlier store: this is the first run.\n')

function downloaded(id: string): boolean {
  const has = execFileSync(
    'gh',
    [
      'api',
      `repos/{owner}/{repo}/actions/runs/${id}/artifacts`,
      '--jq',
      '.artifacts[] | select(.expired | not) | .name',
    ],
    { encoding: 'utf8' },
  )
  if (!has.split('\n').includes(values.artifact)) return false
  // From here on a failure is one: starting anew would lose the ledger.
  const args = ['run', 'download', id, '--name', values.artifact, '--dir', values.to]
  execFileSync('gh', args, { stdio: 'inherit' })
  process.stdout.write(`The store of run ${id}\n`)
  return true
}

function gh(...args: readonly string[]): readonly string[] {
  const json = ['--json', 'databaseId', '--jq', '.[].databaseId']
  return execFileSync('gh', [...args, ...json], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
}
