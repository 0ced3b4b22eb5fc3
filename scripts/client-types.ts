/** Writes the client's types from the OpenAPI document of the server. */

interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  /** Of a tuple: one for each place. */
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
  readonly tags?: readonly string[]
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

/**
 * The client's modules by file name: the types of the operations of each tag, all of them together,
 * and where each operation is.
 */
export function clientModules({ paths }: ClientDocument): Readonly<Record<string, string>> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const tags = [...new Set(operations.map(({ operation }) => tagOf(operation)))].sort()
  const routes = operations.map(
    ({ path, method, operation }) =>
      `  ${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}' },`,
  )
  const modules = tags.map((tag) => {
    const own = operations.filter(({ operation }) => tagOf(operation) === tag)
    const text = `/** Types of the operations under '${tag}'; \`npm run generate:client\` writes them. */

export interface ${interfaceOf(tag)} {
${own.map(({ operation }) => operationType(operation)).join('\n')}
}
`
    return [`operations/${tag}.ts`, text] as const
  })
  return {
    ...Object.fromEntries(modules),
    'operations.ts': `/** Types of every operation of the server; \`npm run generate:client\` writes them. */
${tags.map((tag) => `import type { ${interfaceOf(tag)} } from './operations/${tag}.ts'`).join('\n')}

export interface Operations extends ${tags.map(interfaceOf).join(', ')} {}
`,
    'operation-routes.ts': `/** Where every operation of the server is; \`npm run generate:client\` writes it. */

export const ROUTES = {
${routes.join('\n')}
} as const
`,
  }
}

function tagOf({ tags: [tag = 'other'] = [] }: Operation): string {
  return tag
}

function interfaceOf(tag: string): string {
  return `${tag.charAt(0).toUpperCase()}${tag.slice(1)}Operations`
}

function operationType(operation: Operation): string {
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
      return arrayType(schema.items ?? {})
    case 'object':
      return objectType(schema)
    default:
      return 'unknown'
  }
}

function arrayType(items: Schema): string {
  return `(${typeOf(items)})[]`
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
  if (Object.keys(properties).length === 0) return 'object'
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  )
  return `{ ${fields.join('; ')} }`
}
