/** `tickerflow serve` and `tickerflow keys …`: the forecast server and who may use it. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { globalFlags, numberFlag } from '../flags.ts'

export function servingCommands(): readonly Command[] {
  return [serveCommand(), keysCommand()]
}

function serveCommand(): Command {
  const serve = new Command('serve')
    .description('serve forecasts of what is in Production over HTTP')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', numberFlag, 8080)
    .option('--workers <count>', 'processes that share the port', numberFlag, 1)
    .option('--auth', 'every request needs an API key or a token; a must beyond this machine')
    .option('--insecure', 'listen beyond this machine without: something else guards the server')
    .option('--allowed-host <name...>', 'further names that clients may use for this server')
    .option(
      '--cors-origin <origin...>',
      'web pages of these origins may call it, such as https://…',
    )
    .option('--oidc-issuer <url>', 'take bearer tokens of this OpenID Connect issuer')
    .option('--oidc-audience <name>', 'audience that tokens must be for', 'tickerflow')
    .option('--oidc-jwks <url>', "where the issuer's keys are (default: below the issuer)")
    .option('--rate-limit <count>', 'requests per minute of one key or address', numberFlag, 6000)
    .option('--canary <share>', "share of the requests that Staging's version answers", shareFlag)
    .option('--shadow', "ask Staging's version, too, and log what it says")
    .addOption(
      new Option('--log-level <level>', 'what to log, as JSON lines on stderr')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .action(async (options) => (await import('../serve.ts')).serve(options))
  return globalFlags(serve)
}

function keysCommand(): Command {
  const create = new Command('create')
    .description('make an API key; its text is shown once')
    .requiredOption('--name <name>', 'who or what it is for')
    .addOption(
      new Option('--scope <scope...>', 'what it may do')
        .choices(['read', 'predict', 'admin'])
        .default(['predict']),
    )
    .option('--days <count>', 'days until it expires (default: never)', numberFlag)
    .option(
      '--replaces <id>',
      'the key that it takes the place of: revoke that one when all use this',
    )
    .action(async (options) => (await import('../keys.ts')).createKey(options))
  const list = new Command('list')
    .description('API keys, without their texts')
    .action(async (options) => (await import('../keys.ts')).listKeys(options))
  const revoke = new Command('revoke')
    .description('end a key at once')
    .argument('<id>', 'id of the key')
    .action(async (id, options) => (await import('../keys.ts')).revokeKey(id, options))
  const keys = new Command('keys').description('API keys of the forecast server')
  for (const command of [create, revoke]) keys.addCommand(globalFlags(command))
  return keys.addCommand(globalFlags(list), { isDefault: true })
}

function shareFlag(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a share from 0 to 1, such as 0.05.')
}
