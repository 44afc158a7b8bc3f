const firstPauseMs = 2_000
const longestRestMs = 60_000
const longestPauseMs = 3_600_000
/** Quiet for so long it begins anew: what it does now says nothing of then. */
const forgetMs = 3_600_000

/** Channels that did not take the last message rest a little, so that one that is away is not asked all the time for everything that waits. */
export interface Rests {
  isResting(channelId: string): boolean
  /** Whether it did not take its last message. */
  isDoubtful(channelId: string): boolean
  /** It did not take a message. @returns since when it takes none */
  failed(channelId: string): number
  /** It took one, or said that it never will. */
  answered(channelId: string): void
}

/** How long a message waits after so many failed tries: 2 s, 6 s, 18 s and so on, an hour at most. */
export function pauseMs(attempts: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 3 ** (attempts - 1))
}

export function createRests(nowMs: () => number): Rests {
  const byChannel = new Map<string, { failures: number; sinceMs: number; untilMs: number }>()
  return {
    isResting: (channelId) => nowMs() < (byChannel.get(channelId)?.untilMs ?? 0),
    isDoubtful: (channelId) => byChannel.has(channelId),
    failed: (channelId) => {
      const now = nowMs()
      for (const [id, { untilMs }] of byChannel) if (untilMs < now - forgetMs) byChannel.delete(id)
      const { failures, sinceMs } = byChannel.get(channelId) ?? { failures: 0, sinceMs: now }
      const restMs = Math.min(longestRestMs, pauseMs(failures + 1))
      byChannel.set(channelId, { failures: failures + 1, sinceMs, untilMs: now + restMs })
      return sinceMs
    },
    answered: (channelId) => void byChannel.delete(channelId),
  }
}
