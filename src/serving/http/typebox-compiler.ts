/** TypeBox schemas as Fastify's validators: the schema that documents a route is the one that guards it. */
import type { FastifySchemaCompiler, FastifyTypeProvider } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { schemaMismatch } from '../../schema-mismatch.ts'

/** Handlers see what the route's schemas say. */
export interface TypeBoxProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  readonly serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

/** Text becomes numbers in paths and queries only: a body says itself what is a number. */
const TEXT_PARTS: readonly string[] = ['params', 'querystring', 'headers']

/** A request that is not what its route's schema says. */
export class SchemaRefusal extends Error {
  override readonly name = 'SchemaRefusal'
  readonly statusCode = 400
}

export const typeboxValidatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema)
  const isText = TEXT_PARTS.includes(httpPart ?? '')
  return (received: unknown) => {
    const value = isText ? valuesOfText(schema, received) : received
    if (validator.Check(value)) return { value }
    const { path, problem } = schemaMismatch(schema, value)
    const place = path === '' || path === '/' ? `The ${partWord(httpPart)}` : `'${path}'`
    return { error: new SchemaRefusal(`${place} of the request is wrong: ${problem}.`) }
  }
}

const DECIMAL = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i

/** Texts that spell a number or a truth become one where the schema wants one; others stay and are refused. */
function valuesOfText(schema: TSchema, received: unknown): unknown {
  const { properties } = schema as { readonly properties?: Readonly<Record<string, TSchema>> }
  if (properties === undefined || typeof received !== 'object' || received === null) return received
  const entries = Object.entries(received).map(([name, text]) => [
    name,
    valueOfText(Object.hasOwn(properties, name) ? properties[name] : undefined, text),
  ])
  return Object.fromEntries(entries)
}

function valueOfText(schema: TSchema | undefined, text: unknown): unknown {
  const { type } = (schema ?? {}) as { readonly type?: unknown }
  if (typeof text !== 'string') return text
  if (type === 'integer' || type === 'number') return DECIMAL.test(text) ? Number(text) : text
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text)
  return text
}

function partWord(httpPart: string | undefined): string {
  return httpPart === 'querystring' ? 'query' : (httpPart ?? 'body')
}
