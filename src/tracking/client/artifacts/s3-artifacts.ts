/** Artifacts in an object store: `s3:` roots, through the AWS SDK where it is installed. */
import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { TickerflowError } from '../../../errors.ts'
import { artifactPathParts } from '../../artifact-path.ts'
import { missing } from '../../tracking-rules.ts'
import type { ArtifactEntry } from '../../tracking-store.ts'
import { type ArtifactRepository, blobOf, byPath } from './artifact-repository.ts'

/** @throws {TickerflowError} ARTIFACTS_UNREACHABLE when the SDK is not installed. */
export async function s3Artifacts(
  root: string,
  endpoint: string | undefined,
): Promise<ArtifactRepository> {
  const { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } = await loadSdk(root)
  const { bucket, prefix } = placeOf(root)
  const client: S3Client = new S3Client(
    endpoint === undefined ? {} : { endpoint, forcePathStyle: true },
  )
  const keyOf = (path: string) => [...prefix, ...artifactPathParts(path)].join('/')
  return {
    async list(path) {
      const below = path === undefined ? [] : artifactPathParts(path)
      const Prefix = [...prefix, ...below, ''].join('/')
      const entries: ArtifactEntry[] = []
      let token: string | undefined
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix,
            Delimiter: '/',
            ContinuationToken: token,
          }),
        )
        for (const { Prefix: directory = '' } of page.CommonPrefixes ?? []) {
          const name = directory.slice(Prefix.length, -1)
          entries.push({
            path: [...below, name].join('/'),
            isDirectory: true,
            sizeBytes: undefined,
          })
        }
        for (const { Key = '', Size = 0 } of page.Contents ?? []) {
          const name = Key.slice(Prefix.length)
          if (name === '') continue
          entries.push({ path: [...below, name].join('/'), isDirectory: false, sizeBytes: Size })
        }
        token = page.NextContinuationToken
      } while (token !== undefined)
      return entries.toSorted(byPath)
    },
    async open(path) {
      const key = keyOf(path)
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        return (Body?.transformToWebStream() ?? []) as AsyncIterable<Uint8Array>
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') {
          throw missing(`Artifact '${path}'`)
        }
        throw unreachable(root, error)
      }
    },
    async write(path, content) {
      const blob = blobOf(content)
      const Body =
        content instanceof Blob
          ? Readable.fromWeb(blob.stream() as never)
          : new Uint8Array(await blob.arrayBuffer())
      const target = { Bucket: bucket, Key: keyOf(path), Body, ContentLength: blob.size }
      try {
        await client.send(new PutObjectCommand(target))
      } catch (error) {
        throw unreachable(root, error)
      }
    },
  }
}

async function loadSdk(root: string): Promise<typeof import('@aws-sdk/client-s3')> {
  try {
    return await import('@aws-sdk/client-s3')
  } catch (cause) {
    const message = `The artifacts lie at ${root}, and the AWS SDK for JavaScript is not installed. Install it beside this package: npm install @aws-sdk/client-s3. Or start the tracking server with --serve-artifacts, so that it passes them on.`
    throw new TickerflowError('ARTIFACTS_UNREACHABLE', message, { details: { root }, cause })
  }
}

function placeOf(root: string): { readonly bucket: string; readonly prefix: readonly string[] } {
  const [bucket = '', ...prefix] = root.replace(/^s3:\/\//, '').split('/')
  return { bucket, prefix: prefix.filter((part) => part !== '') }
}

function unreachable(root: string, cause: unknown): TickerflowError {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  const message = `The object store did not take or give the artifact below ${root} (${reason}). Check the credentials (AWS_ACCESS_KEY_ID and so on), the region, and MLFLOW_S3_ENDPOINT_URL for a store that is not Amazon's.`
  return new TickerflowError('ARTIFACTS_UNREACHABLE', message, { details: { root }, cause })
}
