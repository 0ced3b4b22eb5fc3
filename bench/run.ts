/** Runs every benchmark of this folder, each in a fresh process. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const BENCHMARKS = ['market/ingest.ts', 'features/frame.ts']

for (const benchmark of BENCHMARKS) {
  console.log(`\n# ${benchmark}`)
  const file = join(import.meta.dirname, benchmark)
  execFileSync(process.execPath, [file, ...process.argv.slice(2)], { stdio: 'inherit' })
}
