import { createHash } from 'node:crypto'
import { type Change, laneStamp, safeParseTopic, statusSchema } from '@proactive/shared'
import { z } from 'zod'

const startSchema = z.object({ online: z.boolean(), bootEpoch: statusSchema.shape.bootEpoch })
const stampSchema = z.object(laneStamp)

/**
 * Tells of a recording's messages, already checked and in their order, which the cloud would not have taken: the will of an older start of the
 * agent; what was delivered before (at least once on the wire, once in effect: ADR 004); word of something of which later word of the same lane
 * was heard. The cloud goes by `seq` alone and is stricter: here a message in the wrong place still counts where it tells of something else.
 */
export function createRepeatFilter(): (topic: string, payload: Readonly<Record<string, unknown>>) => boolean {
  const taken = new Map<string, string>()
  const newestSeq = new Map<string, number>()
  const newestStart = new Map<string, number>()
  return (topic, payload) => {
    const { applianceId, kind } = safeParseTopic(topic) ?? {}
    if (applianceId === undefined) return true
    if (kind === 'status') {
      const { online, bootEpoch } = startSchema.parse(payload)
      const newest = newestStart.get(applianceId) ?? 0
      if (online) newestStart.set(applianceId, Math.max(newest, bootEpoch))
      return online || bootEpoch >= newest
    }
    if (kind !== 'telemetry' && kind !== 'observation') return true
    const { bootEpoch, lane, seq } = stampSchema.parse(payload)
    const start = `${applianceId} ${bootEpoch} ${lane}`
    const stamp = `${start} ${seq} ${kind}`
    const content = createHash('sha256').update(JSON.stringify(payload)).digest('base64url')
    if (taken.get(stamp) === content) return false
    taken.set(stamp, content)
    if (kind === 'telemetry') return true
    const subject = `${start} ${subjectOf(payload.change as Change)}`
    if (seq < (newestSeq.get(subject) ?? 0)) return false
    newestSeq.set(subject, seq)
    return true
  }
}

/** What a change tells of: two of the same subject contradict or confirm each other. */
function subjectOf(change: Change): string {
  switch (change.type) {
    case 'device-silent':
    case 'device-answered':
      return `presence ${change.deviceId}`
    case 'gateway-changed':
    case 'wan-changed':
      return `${change.type} ${change.uplinkId}`
    case 'link-changed':
      return `${change.type} ${change.interface}`
    case 'dns-changed':
      return `${change.type} ${change.resolver}`
    case 'dhcp-changed':
      return `${change.type} ${change.server}`
    case 'paypath-changed':
      return `${change.type} ${change.targetId}`
    case 'ip-conflict':
      return `${change.type} ${change.ip}`
    default:
      // Nothing later takes these back.
      return JSON.stringify(change)
  }
}
