import type { CommandAction, Device, Evidence } from '@proactive/shared'
import { isInsideAny } from '../core/networks.ts'
import { profileOf } from '../rules/profiles.ts'
import { evidenceOf, type WallClock, type WatchContext } from '../watch/context.ts'
import type { PresenceWatch } from '../watch/presence-watch.ts'
import { createLines, type Job, type Outcome, refused } from './job.ts'

export interface LiveWatchDeps {
  readonly wall: WallClock
  readonly presence: Pick<PresenceWatch, 'ignoresIcmp' | 'askOnLink'>
}

type WatchRequest = Extract<CommandAction, { action: 'watch' }>

const periodMs = 1_000
const timeoutMs = 900
/** A device that ignores ICMP costs up to two ARP requests a round. */
const arpPackets = 2

interface Tally {
  readonly device: Device
  readonly ip: string
  asked: number
  answered: number
  readonly rttsMs: number[]
}

/**
 * Live samples of some devices while somebody looks: one round a second, told at once. A device whose budget is used up sits a round out, so
 * the pace of a terminal falls by itself; silence of a device is `null`, sitting out is no entry.
 */
export async function watchLive(
  context: WatchContext,
  { wall, presence }: LiveWatchDeps,
  { deviceIds, seconds }: WatchRequest,
  job: Job,
): Promise<Outcome> {
  const { scheduler, inventory, budget } = context
  const tallies = deviceIds.flatMap((id): Tally[] => {
    const device = inventory.byId(id)
    const ip = device?.ips[0]
    if (device === undefined || ip === undefined || !isInsideAny(context.plan().networks, ip)) return []
    return [{ device, ip, asked: 0, answered: 0, rttsMs: [] }]
  })
  if (tallies.length === 0) return refused('none of these devices is known here')
  const endMono = scheduler.monotonicMs() + Math.min(seconds * 1_000, job.leftMs())

  async function round(): Promise<void> {
    const byEcho: Tally[] = []
    const byArp: Tally[] = []
    for (const tally of tallies) {
      const isArp = presence.ignoresIcmp(tally.device.id)
      if (!budget.takeSpare(profileOf(tally.device).class, isArp ? arpPackets : 1)) continue
      if (isArp) byArp.push(tally)
      else byEcho.push(tally)
    }
    const [echoes, onLink] = await Promise.all([
      context.echo.ask(
        byEcho.map(({ ip }) => ip),
        { count: 1, timeoutMs },
      ),
      presence.askOnLink(byArp.map(({ ip }) => ip)),
    ])
    const rttByIp = new Map(echoes.map(({ ip, rttMs }) => [ip, rttMs]))
    const samples: [deviceId: string, rttMs: number | null][] = []
    for (const tally of byEcho) {
      const rttMs = rttByIp.get(tally.ip) ?? null
      tally.asked++
      if (rttMs !== null) {
        tally.answered++
        tally.rttsMs.push(rttMs)
      }
      samples.push([tally.device.id, rttMs])
    }
    const evidence: Evidence[] = []
    for (const tally of byArp) {
      const isThere = onLink.get(tally.ip) === 'answered'
      tally.asked++
      if (isThere) tally.answered++
      evidence.push(evidenceOf('arp', tally.ip, isThere ? 'reply' : 'timeout', wall()))
    }
    job.tell({ samples, evidence })
  }

  while (!job.isOver() && scheduler.monotonicMs() + timeoutMs < endMono) {
    const startedMono = scheduler.monotonicMs()
    await round()
    const restMs = startedMono + periodMs - scheduler.monotonicMs()
    if (restMs > 0) await new Promise<void>((resolve) => void scheduler.after(restMs, resolve))
  }
  const lines = createLines(job)
  for (const tally of tallies) lines.add(summaryOf(tally))
  return { status: 'ok', evidence: [], lines: [...lines.all] }
}

function summaryOf({ ip, asked, answered, rttsMs }: Tally): string {
  const count = `${ip}: ${answered} of ${asked} answered`
  if (rttsMs.length === 0) return count
  const sorted = [...rttsMs].sort((a, b) => a - b)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]
  return `${count}, ${sorted[0]}/${middle}/${sorted.at(-1)} ms (least, median, most)`
}
