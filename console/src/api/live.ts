import { type LiveEvent, liveEventSchema } from '@proactive/shared/http'

const eventTypes = ['location', 'device', 'incident', 'issue', 'telemetry', 'resync'] as const

export interface LiveFeed {
  close(): void
}

/**
 * Follows `/api/events`. The browser reconnects by itself and resumes by Last-Event-ID; `onConnection` tells how it stands,
 * so that the page never passes old numbers off as new ones.
 */
export function followLive(
  locationId: string | undefined,
  onEvent: (event: LiveEvent) => void,
  onConnection: (isConnected: boolean) => void,
): LiveFeed {
  const source = new EventSource(
    locationId === undefined ? '/api/events' : `/api/events?location=${locationId}`,
  )
  source.onopen = () => onConnection(true)
  source.onerror = () => onConnection(false)
  for (const type of eventTypes) {
    source.addEventListener(type, (message: MessageEvent<string>) => {
      const event = safeParseEvent(message.data)
      if (event !== undefined) onEvent(event)
    })
  }
  return { close: () => source.close() }
}

function safeParseEvent(text: string): LiveEvent | undefined {
  try {
    const parsed = liveEventSchema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
