/** `npm run docs:generate`: the pages that are written from the program. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { cliReference } from './cli-reference.ts'

writeFileSync(resolve(import.meta.dirname, '../docs/reference/cli.md'), cliReference())
