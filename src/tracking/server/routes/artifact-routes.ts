/** Routes of artifacts: listing by run, and the files below the store's artifact root. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { artifactPathParts } from '../../artifact-path.ts'
import {
  type ArtifactPlaces,
  listArtifactFiles,
  openArtifactFile,
  partsOf,
  removeArtifact,
  writeArtifactFile,
} from '../../store/artifact-directory.ts'
import { get, NOTHING, type Route } from '../route.ts'
import { artifactReply, compact } from '../wire-reply.ts'
import { WireRequest } from '../wire-request.ts'
import { runIdOf } from './run-routes.ts'

export const ARTIFACT_LIST_ROUTES: readonly Route[] = [
  get('/artifacts/list', async (request, store) => {
    const { id, artifactUri } = await store.getRun(runIdOf(request))
    const files = await store.listArtifacts(id, request.optionalText('path') || undefined)
    return compact({ root_uri: artifactUri, files: files.map(artifactReply) })
  }),
]

/** A plugin for its own prefix: bodies are streams here, of any type and size. */
export function artifactFileRoutes(places: ArtifactPlaces) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    app.get('/artifacts', async (request) => {
      const parts = partsOf(new WireRequest(request.query).optionalText('path') || undefined)
      const files = await listArtifactFiles(places, parts, [])
      return compact({ files: files.map(artifactReply) })
    })
    app.get('/artifacts/*', async (request, reply) => {
      const parts = partsOfRoute(request)
      const { sizeBytes, stream } = await openArtifactFile(places, parts)
      reply.header('content-length', sizeBytes)
      reply.header('content-disposition', dispositionOf(parts.at(-1) ?? ''))
      reply.header('x-content-type-options', 'nosniff')
      return reply.type('application/octet-stream').send(stream)
    })
    app.put('/artifacts/*', async (request) => {
      const body = request.body instanceof Readable ? request.body : ''
      await writeArtifactFile(places, partsOfRoute(request), body)
      return NOTHING
    })
    app.delete('/artifacts/*', async (request) => {
      await removeArtifact(places, partsOfRoute(request))
      return NOTHING
    })
    for (const path of ['/mpu/*', '/presigned/*']) {
      app.all(path, async (_request, reply) =>
        reply.code(501).send({
          error_code: 'NOT_IMPLEMENTED',
          message: 'Files go through this server in one piece; switch multipart transfers off.',
        }),
      )
    }
  }
}

function partsOfRoute(request: FastifyRequest): readonly string[] {
  return artifactPathParts(new WireRequest(request.params).optionalText('*') ?? '')
}

/** Never shown by a browser as part of this site. */
function dispositionOf(name: string): string {
  return `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`
}
