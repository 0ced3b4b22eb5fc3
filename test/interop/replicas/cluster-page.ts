/** `docs/how-to/run-on-a-cluster.md`, read as a script: its blocks, with its machines' names replaced. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../integration/cli-process.ts'

export interface ClusterPage {
  /** The lines of a section's commands, in their order. */
  commands(section: string): readonly string[]
  /** The only block of that language. */
  block(language: string): string
}

/** @param places What stands for a text of the page, such as `redis.internal:6379`. */
export function readClusterPage(places: Readonly<Record<string, string>>): ClusterPage {
  const text = readFileSync(join(CHECKOUT, 'docs/how-to/run-on-a-cluster.md'), 'utf8')
  const localised = Object.entries(places).reduce(
    (page, [there, here]) => page.replaceAll(there, here),
    text,
  )
  return {
    commands(section) {
      const parts = localised.split(/^## /m).filter((part) => part.startsWith(section))
      if (parts.length !== 1) throw new Error(`The page has ${parts.length} sections '${section}'`)
      return blocksOf(parts[0] ?? '', 'sh').flatMap((block) => block.trim().split('\n'))
    },
    block(language) {
      const blocks = blocksOf(localised, language)
      if (blocks.length !== 1) throw new Error(`The page has ${blocks.length} blocks '${language}'`)
      return blocks[0] ?? ''
    },
  }
}

function blocksOf(text: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')
  return [...text.matchAll(fence)].map(([, content]) => content ?? '')
}
