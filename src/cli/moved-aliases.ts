/** Tells people at every command of aliases that another MLflow client has moved. */
import { isTickerflowError } from '../errors.ts'
import type { Application } from '../pipeline/application.ts'
import { type NoticedMove, noticeMoves } from '../registry/alias-watch.ts'

/** A tracking server that cannot be reached now does not stop a command that can do without it. */
export async function reportMoves(app: Application): Promise<void> {
  try {
    for (const move of await noticeMoves(app.promotions)) {
      process.stderr.write(`${moveWords(move)}\n`)
    }
  } catch (error) {
    if (!isTickerflowError(error)) throw error
  }
}

function moveWords({ model, environment, via, found, live, outcome }: NoticedMove): string {
  const where = found === undefined ? 'was removed' : `points at version ${found}`
  const stays = live === undefined ? 'nothing is live' : `version ${live} stays live`
  const what = `The ${via} of ${model} for ${environment} ${where}; no promotion did that.`
  switch (outcome) {
    case 'accepted':
      return `${what} The policy accepts it: version ${found} is live now.`
    case 'restored':
      return `${what} It was put back: ${stays}.`
    case 'ignored':
      return `${what} It is ignored: ${stays}. See tickerflow models history ${model}.`
  }
}
