/** What the published package runs with, as CycloneDX: `npm run sbom` writes sbom.cdx.json. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

// npm hands its own program to the scripts it runs; on Windows the command `npm` is a shell script.
const npm = process.env.npm_execpath
if (npm === undefined) throw new Error('Start it by `npm run sbom`')
const args = [npm, 'sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev']
writeFileSync('sbom.cdx.json', execFileSync(process.execPath, args, { maxBuffer: 64 << 20 }))
process.stdout.write('Wrote sbom.cdx.json\n')
