/** The OpenAPI document as one page of HTML without scripts. */

interface Operation {
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: unknown
  }[]
  readonly requestBody?: { readonly content?: Content }
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Content }>
  >
}

type Content = Readonly<Record<string, { readonly schema?: unknown }>>

/** The parts of an OpenAPI document that the page shows. */
export interface ShownDocument {
  readonly info: { readonly title: string; readonly description?: string }
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const STYLE = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
h1{margin-bottom:0}h2{margin-top:2.5rem;border-bottom:1px solid #8886}
details{border:1px solid #8886;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}summary code{font-weight:600}
.method{display:inline-block;min-width:4rem;font:600 .8rem ui-monospace,monospace}
table{border-collapse:collapse;width:100%;margin:.6rem 0}
td,th{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #8883}
pre{overflow:auto;background:#8881;padding:.6rem;border-radius:6px;font-size:.8rem;max-height:24rem}
`

export function docsPage(document: ShownDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = (document.tags ?? []).map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags?.includes(name))
    const items = own.map(({ path, method, operation }) => operationHtml(path, method, operation))
    return `<h2 id="${escaped(name)}">${escaped(name)}</h2><p>${escaped(description ?? '')}</p>${items.join('')}`
  })
  const { title, description = '' } = document.info
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)} API</title>` +
    `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body>` +
    `<h1>${escaped(title)} API</h1><p>${escaped(description)}</p>` +
    `<p>For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>${sections.join('')}</body></html>`
  )
}

function operationHtml(path: string, method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${escaped(place)}${required ? ', required' : ''}</td>` +
      `<td>${escaped(description ?? '')} <small>${escaped(typeWords(schema))}</small></td></tr>`,
  )
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, { description, content }]) =>
      `<tr><td>${escaped(status)}</td><td>${escaped(description ?? '')} <small>${escaped(Object.keys(content ?? {}).join(', '))}</small></td></tr>`,
  )
  const body = schemaHtml('Body', operation.requestBody?.content)
  const answer = schemaHtml('Answer', operation.responses?.['200']?.content)
  return (
    `<details><summary><span class="method">${method.toUpperCase()}</span> <code>${escaped(path)}</code> ` +
    `${escaped(operation.summary ?? '')}</summary><p>${escaped(operation.description ?? '')}</p>` +
    (parameters.length === 0 ? '' : `<h4>Parameters</h4><table>${parameters.join('')}</table>`) +
    `${body}${answer}<h4>Statuses</h4><table>${responses.join('')}</table></details>`
  )
}

function schemaHtml(title: string, content: Content | undefined): string {
  const [[type, { schema }] = ['', {}]] = Object.entries(content ?? {})
  if (schema === undefined) return ''
  return `<h4>${title} <small>${escaped(type)}</small></h4><pre>${escaped(JSON.stringify(schema, undefined, 2))}</pre>`
}

function typeWords(schema: unknown): string {
  const { type, pattern } = (schema ?? {}) as { type?: string; pattern?: string }
  return [type, pattern].filter((word) => word !== undefined).join(' ')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
