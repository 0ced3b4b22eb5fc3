/** `npm run generate:client`: the typed client's operations from the server's OpenAPI document. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { composeApplication } from '../src/compose.ts'
import { DEFAULT_CONFIG } from '../src/config.ts'
import { createForecastServer } from '../src/serving/server.ts'
import { type ClientDocument, clientModules } from './client-types.ts'

const FOLDER = resolve(import.meta.dirname, '../src/serving/client')

const directory = mkdtempSync(join(tmpdir(), 'tickerflow-client-'))
const config = { ...DEFAULT_CONFIG, store: directory, threads: 1 }
const app = await composeApplication(config)
const server = await createForecastServer({ app, config, access: { host: '127.0.0.1' } })
const modules = clientModules(server.swagger() as unknown as ClientDocument)
mkdirSync(join(FOLDER, 'operations'), { recursive: true })
for (const [name, text] of Object.entries(modules)) writeFileSync(join(FOLDER, name), text)
await server.close()
await app.close()
rmSync(directory, { recursive: true, force: true })
const biome = dirname(createRequire(import.meta.url).resolve('@biomejs/biome/package.json'))
execFileSync(process.execPath, [join(biome, 'bin/biome'), 'format', '--write', FOLDER], {
  stdio: 'ignore',
})
