/** `tickerflow models diff`: what tells two versions of a model apart. */
import { compareVersions, type Difference } from '../pipeline/version-difference.ts'
import { colours } from './colours.ts'
import { type GlobalOptions, withContext } from './context.ts'
import { table } from './words.ts'

export async function diff(
  name: string,
  versions: readonly [number, number],
  options: GlobalOptions,
): Promise<void> {
  await withContext(options, {}, async ({ app, answer }) => {
    const document = await compareVersions(app, name, versions)
    answer(document, () => {
      const { a, b, sameRecipe, differences } = document
      const recipe = sameRecipe ? 'the same recipe' : 'different recipes'
      const head = colours.bold(`${name} versions ${a} and ${b}: ${recipe}`)
      if (differences.length === 0) return `${head}\nNothing differs.`
      const sections = [...new Set(differences.map(({ section }) => section))]
      return [head, ...sections.map((section) => sectionWords(document, section))].join('\n\n')
    })
  })
}

function sectionWords(
  { a, b, differences }: Awaited<ReturnType<typeof compareVersions>>,
  section: Difference['section'],
): string {
  const rows = differences
    .filter((one) => one.section === section)
    .map((one) => [one.name, shortened(one.a), shortened(one.b)])
  return table([section, `version ${a}`, `version ${b}`], rows)
}

/** Digests and other long facts are whole in the document only. */
function shortened(value: string | number | null): string {
  if (value === null) return '–'
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : value.toPrecision(5)
  return value.length > 40 ? `${value.slice(0, 12)}…` : value
}
