#!/usr/bin/env node
// Starts the program: from source in a checkout, from the build in an installed package.
import { existsSync } from 'node:fs'

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `Tickerflow needs Node 24 or newer; this is ${process.version}. ` +
      'In a checkout, run it through npm (`npm start`, `npx tickerflow`), which uses its own Node.\n',
  )
  process.exit(2)
}
const source = new URL('../src/cli/main.ts', import.meta.url)
const built = new URL('../dist/cli/main.js', import.meta.url)
await import((existsSync(source) ? source : built).href)
