/** `/api/v1/events`: server-sent events, one look at the store a second for all who listen. */
import { PassThrough } from 'node:stream'
import { Type } from 'typebox'
import {
  currentPlace,
  eventsBetween,
  type FeedPlace,
  isSamePlace,
  parsePlace,
  placeText,
} from '../events/event-feed.ts'
import { problemResponses } from '../http/problem.ts'
import { Refusal } from '../refusal.ts'
import type { ServingContext, TypedServer } from './serving-context.ts'

const LOOK_MS = 1_000
const HEARTBEAT_MS = 10_000
const MOST_LISTENERS = 100
/** Someone who does not read is ended; the browser comes again and hears the rest. */
const MOST_UNREAD_BYTES = 64_000

export function eventRoutes(server: TypedServer, { app: { database } }: ServingContext): void {
  const listeners = new Set<PassThrough>()
  let place: FeedPlace | undefined
  let timers: readonly NodeJS.Timeout[] = []

  server.get(
    '/api/v1/events',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operation'],
        operationId: 'listenToEvents',
        summary:
          'What happens, as server-sent events: promotion, forecasts, monitoring-report, alerts',
        description:
          'Goes on until either side ends it; after a break, the header Last-Event-ID asks for what was missed.',
        response: {
          200: { content: { 'text/event-stream': { schema: Type.String() } } },
          ...problemResponses(),
        },
      },
    },
    async ({ headers }, reply) => {
      if (listeners.size >= MOST_LISTENERS) throw tooMany()
      const stream = new PassThrough()
      const now = look()
      const heard = parsePlace(headers['last-event-id']) ?? now
      stream.write(
        `retry: 2000\n${textOf(heard, now)}id: ${placeText(now)}\nevent: hello\ndata: {}\n\n`,
      )
      listeners.add(stream)
      stream.on('close', () => leave(stream))
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no')
      return await reply.type('text/event-stream').send(stream as never)
    },
  )

  server.addHook('preClose', async () => {
    for (const stream of listeners) stream.end()
    stop()
  })

  /** Tells everyone what is new, and says where that ends. */
  function look(): FeedPlace {
    const before = place
    const now = currentPlace(database)
    place = now
    if (timers.length === 0) start()
    if (before !== undefined && !isSamePlace(before, now)) tell(textOf(before, now))
    return now
  }

  function textOf(from: FeedPlace, to: FeedPlace): string {
    return eventsBetween(database, from, to)
      .map(({ event, data }) => {
        return `id: ${placeText(to)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
      })
      .join('')
  }

  function tell(text: string): void {
    for (const stream of listeners) {
      if (stream.writableLength > MOST_UNREAD_BYTES) stream.destroy()
      else stream.write(text)
    }
  }

  function start(): void {
    timers = [setInterval(lookAgain, LOOK_MS), setInterval(() => tell(': alive\n\n'), HEARTBEAT_MS)]
    for (const timer of timers) timer.unref()
  }

  function lookAgain(): void {
    try {
      look()
    } catch (error) {
      server.log.error({ err: error }, 'event-feed-failed')
    }
  }

  function stop(): void {
    for (const timer of timers) clearInterval(timer)
    timers = []
    place = undefined
  }

  function leave(stream: PassThrough): void {
    listeners.delete(stream)
    if (listeners.size === 0) stop()
  }
}

function tooMany(): Refusal {
  const detail = `${MOST_LISTENERS} pages are listening already; close one, or ask the routes.`
  return new Refusal({ status: 503, type: 'overloaded', detail, headers: { 'retry-after': '10' } })
}
