/** Writes the client's types from the OpenAPI document of the server. */

interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly description?: string
}

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema?: Schema
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}

export interface ClientDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Two modules: the types of each operation by its id, and its method and path. */
export function clientModules({ paths }: ClientDocument): { types: string; routes: string } {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const types = operations.map(({ operation }) => {
    const { operationId = '', summary = '' } = operation
    const body = operation.requestBody?.content['application/json']?.schema
    return [
      `  /** ${summary}. */`,
      `  ${operationId}: {`,
      `    path: ${parametersOf(operation, 'path')}`,
      `    query: ${parametersOf(operation, 'query')}`,
      `    body: ${body === undefined ? 'undefined' : typeOf(body)}`,
      `    answer: ${answerOf(operation)}`,
      '  }',
    ].join('\n')
  })
  const routes = operations.map(
    ({ path, method, operation }) =>
      `  ${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}' },`,
  )
  return {
    types: `/** Types of every operation of the server; \`npm run generate:client\` writes them. */

export interface Operations {
${types.join('\n')}
}
`,
    routes: `/** Where every operation of the server is; \`npm run generate:client\` writes it. */

export const ROUTES = {
${routes.join('\n')}
} as const
`,
  }
}

function answerOf({ responses }: Operation): string {
  const content = responses['200']?.content ?? {}
  const json = content['application/json']
  return json === undefined ? 'string' : typeOf(json.schema)
}

function parametersOf({ parameters = [] }: Operation, place: string): string {
  const own = parameters.filter((parameter) => parameter.in === place)
  if (own.length === 0) return 'Record<never, never>'
  const fields = own.map(
    ({ name, required, schema }) => `${name}${required ? '' : '?'}: ${typeOf(schema ?? {})}`,
  )
  return `{ ${fields.join('; ')} }`
}

function typeOf(schema: Schema): string {
  const { anyOf, type } = schema
  if (schema.const !== undefined) return JSON.stringify(schema.const).replaceAll('"', "'")
  if (schema.enum !== undefined) return schema.enum.map((one) => `'${one}'`).join(' | ')
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' | ')
  switch (type) {
    case 'string':
      return 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array':
      return `(${typeOf(schema.items ?? {})})[]`
    case 'object':
      return objectType(schema)
    default:
      return 'unknown'
  }
}

function objectType({
  properties,
  required = [],
  additionalProperties,
  patternProperties,
}: Schema) {
  if (properties === undefined) {
    const [value] = Object.values(patternProperties ?? {})
    const inner = value ?? (typeof additionalProperties === 'object' ? additionalProperties : {})
    return `Record<string, ${typeOf(inner)}>`
  }
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  )
  return `{ ${fields.join('; ')} }`
}
