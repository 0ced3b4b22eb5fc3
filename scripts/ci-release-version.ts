/** A release's tag, `vX.Y.Z`, must be the version in package.json: `npm run ci:release-version`. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const file = resolve(import.meta.dirname, '../package.json')
const { version } = JSON.parse(readFileSync(file, 'utf8'))
const tag = process.env.GITHUB_REF_NAME
if (tag !== `v${version}`) {
  process.stderr.write(
    `The tag is '${tag ?? ''}', and package.json says ${version}: expected v${version}\n`,
  )
  process.exitCode = 1
}
