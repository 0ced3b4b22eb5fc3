/** The page of all commands, from the commands themselves. */
import type { Argument, Command, Option } from 'commander'
import { createProgram } from '../src/cli/program.ts'

export function cliReference(): string {
  const root = createProgram(() => {})
  const commands = root.commands.flatMap((command) => leavesOf(command, []))
  return [
    '# Commands',
    '',
    '<!-- Written by `npm run docs:generate` from the commands; edit those. -->',
    '',
    'Exit codes: 0 done (a `hold` of the gate included), 1 fault, 2 wrong usage, 3 blocked by data checks,',
    '4 `--require-promotion` unmet, 130 interrupted. With `--json` exactly one document is on standard output,',
    'everything else on standard error. Every command takes `--help`.',
    '',
    ...commands.flatMap(({ command, path }) => sectionOf(command, path)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

interface Leaf {
  readonly command: Command
  readonly path: readonly string[]
}

function leavesOf(command: Command, above: readonly string[]): Leaf[] {
  const path = [...above, command.name()]
  if (command.commands.length === 0) return [{ command, path }]
  return command.commands.flatMap((one) => leavesOf(one, path))
}

function sectionOf(command: Command, path: readonly string[]): string[] {
  const given = command.registeredArguments
  const options = command.options.filter(({ hidden }) => !hidden)
  const usage = ['tickerflow', ...path, ...given.map(argumentText)].join(' ')
  return [
    `## \`tickerflow ${path.join(' ')}\``,
    '',
    `${sentence(command.description())}`,
    '',
    '```text',
    `${usage}${options.length === 0 ? '' : ' [options]'}`,
    '```',
    '',
    ...(given.length + options.length === 0 ? [] : ['| | meaning |', '|---|---|']),
    ...given.map((one) => row(argumentText(one), one.description)),
    ...options.map((one) => row(one.flags, optionWords(one))),
    '',
  ]
}

function argumentText(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name()
  return argument.required ? `<${name}>` : `[${name}]`
}

function optionWords({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`
  const isSaid = description.includes('default:') || defaultValue === undefined
  return `${description}${choices}${isSaid ? '' : ` (default: ${String(defaultValue)})`}`
}

const row = (name: string, meaning: string) =>
  `| \`${name.replaceAll('|', '\\|')}\` | ${meaning.replaceAll('|', '\\|')} |`

function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
