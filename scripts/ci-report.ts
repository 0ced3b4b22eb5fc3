/**
 * Shows a report on the page of the run, and opens an issue with it, where GitHub's `gh` is signed in and
 * the repository takes issues.
 *
 *     npm run ci:report -- --file report.md
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { file: { type: 'string', default: 'report.md' } } })
const { GITHUB_STEP_SUMMARY, GITHUB_REPOSITORY, GH_TOKEN } = process.env
const text = existsSync(values.file)
  ? readFileSync(values.file, 'utf8')
  : '# Retraining\n\nThere is no report: the work ended before it. See the log.\n'
process.stdout.write(text)
if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, text)
if (GITHUB_REPOSITORY && GH_TOKEN) {
  const verdicts = text.split('\n').filter((line) => line.startsWith('## '))
  const title = verdicts.map((line) => line.slice(3)).join(', ') || 'no report'
  const args = ['issue', 'create', '--title', `Retraining: ${title}`, '--body', text]
  const { status } = spawnSync('gh', args, { stdio: 'inherit' })
  // A fork may have its issues switched off; the page of the run has the report all the same.
  if (status !== 0) process.stdout.write('::warning::No issue could be opened.\n')
}
