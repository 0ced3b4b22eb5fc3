/**
 * What is an optional choice on a laptop belongs into the image: the drivers of PostgreSQL, Redis and S3
 * become dependencies of the package.json here, before the last `npm install` of the Dockerfile.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const DRIVERS = ['@aws-sdk/client-s3', 'ioredis', 'kysely', 'pg']
const content = JSON.parse(readFileSync('package.json', 'utf8'))
for (const name of DRIVERS) {
  content.dependencies[name] = content.peerDependencies[name]
  delete content.devDependencies[name]
}
writeFileSync('package.json', `${JSON.stringify(content, null, 2)}\n`)
