/** Tries that go well, over all Organizations. */
const promptPlaces = 32
/** One Organization's among them: however many channels it has, they leave room for the others'. */
const promptOfOne = 4
/** A try that takes longer makes room for one that may go well. */
const slowAfterMs = 2_000
/** Channels that did not take their last message, side by side: they wait for each other, and nobody waits for them. */
const doubtfulPlaces = 64
const doubtfulOfOne = 4

/** Who may be told side by side. */
export interface Places {
  /** Whether a try may begin now; `isDoubtful` = the channel did not take its last message. A channel has one message under way. */
  isFree(channelId: string, organizationId: string, isDoubtful: boolean): boolean
  /** Whether none can begin, whatever its channel. */
  isFull(): boolean
  take(channelId: string, organizationId: string, isDoubtful: boolean): void
  leave(channelId: string): void
}

/**
 * A channel that hangs costs its Organization's others two seconds once, and nothing from then on (ADR 126). At most 300 tries or so are under way: a prompt place is taken
 * anew every two seconds at the soonest while those before it wait for their deadline.
 */
export function createPlaces(nowMs: () => number): Places {
  const taken = new Map<string, { organizationId: string; isDoubtful: boolean; sinceMs: number }>()
  const countOf = (kind: 'prompt' | 'doubtful', organizationId?: string) => {
    let count = 0
    for (const each of taken.values()) {
      if (organizationId !== undefined && each.organizationId !== organizationId) continue
      const isPrompt = !each.isDoubtful && nowMs() - each.sinceMs < slowAfterMs
      if (kind === 'prompt' ? isPrompt : each.isDoubtful) count += 1
    }
    return count
  }
  return {
    isFree: (channelId, organizationId, isDoubtful) =>
      !taken.has(channelId) &&
      (isDoubtful
        ? countOf('doubtful') < doubtfulPlaces && countOf('doubtful', organizationId) < doubtfulOfOne
        : countOf('prompt') < promptPlaces && countOf('prompt', organizationId) < promptOfOne),
    isFull: () => countOf('prompt') >= promptPlaces && countOf('doubtful') >= doubtfulPlaces,
    take: (channelId, organizationId, isDoubtful) =>
      void taken.set(channelId, { organizationId, isDoubtful, sinceMs: nowMs() }),
    leave: (channelId) => void taken.delete(channelId),
  }
}
