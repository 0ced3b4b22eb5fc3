/** A message to each channel, to see whether it arrives; nothing is recorded. */
import { TickerflowError } from '../../errors.ts'
import type { Notice } from '../../monitoring/alerts/alert.ts'
import { sendWithin } from '../../monitoring/alerts/deliver-notices.ts'
import type { Application } from '../application.ts'

export interface ChannelTest {
  readonly channel: string
  /** Why it was not taken. */
  readonly error: string | null
}

/**
 * @param only Name of a channel; left out, all.
 * @throws {TickerflowError} CONFIG_INVALID when there is no such channel.
 */
export async function testChannels(
  { alertChannels, clock, newId }: Pick<Application, 'alertChannels' | 'clock' | 'newId'>,
  only?: string,
): Promise<readonly ChannelTest[]> {
  const channels = alertChannels.filter(({ name }) => only === undefined || name === only)
  if (channels.length === 0) {
    const known = alertChannels.map(({ name }) => name).join(', ')
    throw new TickerflowError(
      'CONFIG_INVALID',
      only === undefined
        ? "The configuration has no channel of alerts: set 'alerts.channels'."
        : `There is no channel '${only}' in the configuration. Channels: ${known}.`,
    )
  }
  const nowMs = clock()
  const notice: Notice = {
    kind: 'test',
    alert: {
      id: newId(),
      rule: 'job-failed',
      subject: 'test',
      severity: 'info',
      summary: 'This is a test of the channel; nothing is wrong.',
      raisedAtMs: nowMs,
      seenAtMs: nowMs,
      resolvedAtMs: nowMs,
      acknowledgedAtMs: undefined,
      acknowledgedBy: undefined,
    },
  }
  const tests = channels.map(async (channel) => {
    const error = (await sendWithin(channel, [notice])) ?? null
    return { channel: channel.name, error }
  })
  return await Promise.all(tests)
}
