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
    const value = isText ? validator.Convert(received) : received
    if (validator.Check(value)) return { value }
    const { path, problem } = schemaMismatch(schema, value)
    const place = path === '' || path === '/' ? `The ${partWord(httpPart)}` : `'${path}'`
    return { error: new SchemaRefusal(`${place} of the request is wrong: ${problem}.`) }
  }
}

function partWord(httpPart: string | undefined): string {
  return httpPart === 'querystring' ? 'query' : (httpPart ?? 'body')
}
