/** The head of the OpenAPI document; the rest are the schemas of the routes. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

export const OPENAPI: FastifyDynamicSwaggerOptions = {
  transformObject: (document) =>
    'openapiObject' in document
      ? withOptionalBodies(document.openapiObject)
      : document.swaggerObject,
  // MLflow's API has its own reference.
  hideUntagged: true,
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Tickerflow',
      version: '1',
      description:
        'Forecasts of daily stock prices by the models in Production, and what is known about them.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [
      { name: 'forecasts', description: 'What the models in Production expect.' },
      { name: 'models', description: 'Registered models, versions and how they came to be live.' },
      { name: 'market', description: 'The stored bars.' },
      { name: 'monitoring', description: 'How live models do, and the record of their forecasts.' },
      { name: 'inference', description: 'Open Inference Protocol, version 2.' },
      { name: 'scoring', description: "MLflow's scoring protocol." },
      { name: 'operation', description: 'Health and metrics.' },
    ],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key or an OIDC token.' },
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      },
    },
    security: [{ bearer: [] }, { key: [] }, {}],
  },
}

interface Operation {
  readonly requestBody?: {
    required?: boolean
    readonly content: Readonly<
      Record<
        string,
        { readonly schema?: { readonly anyOf?: readonly { readonly type?: string }[] } }
      >
    >
  }
}

/** A body that may be null may be left out; the library calls every body required. */
function withOptionalBodies<Document extends { readonly paths?: object }>(
  document: Document,
): Document {
  for (const path of Object.values(document.paths ?? {})) {
    for (const { requestBody } of Object.values(path as Record<string, Operation>)) {
      const schema = requestBody?.content['application/json']?.schema
      const isOptional = schema?.anyOf?.some(({ type }) => type === 'null') ?? false
      if (requestBody !== undefined && isOptional) requestBody.required = false
    }
  }
  return document
}
