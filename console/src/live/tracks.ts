import type { CommandResult } from '@proactive/shared'

/** How a device answered in one second: round-trip time in ms, `there` = it answered what tells no time (ARP), null = silence. */
export type Beat = number | 'there' | null
/** The newest beats of a device, oldest first. */
export type Track = readonly Beat[]

/** A minute. */
export const maxBeats = 60

/** The tracks with one more round; a device that sat it out stays as it is. Pure. */
export function addRound(
  tracks: ReadonlyMap<string, Track>,
  {
    samples = [],
    evidence,
  }: Pick<Extract<CommandResult['outcome'], { status: 'ok' }>, 'samples' | 'evidence'>,
  idByIp: ReadonlyMap<string, string>,
): ReadonlyMap<string, Track> {
  const next = new Map(tracks)
  const add = (id: string, beat: Beat) => next.set(id, [...(next.get(id) ?? []), beat].slice(-maxBeats))
  for (const [id, rttMs] of samples) add(id, rttMs)
  for (const { target, answer } of evidence) {
    const id = idByIp.get(target)
    if (id !== undefined) add(id, answer === 'reply' || answer === 'up' ? 'there' : null)
  }
  return next
}

/** A line for an SVG of that size, broken where the device was silent. */
export function sparkPath(track: Track, width: number, height: number): string {
  const most = Math.max(1, ...track.map((beat) => (typeof beat === 'number' ? beat : 0)))
  const step = width / (maxBeats - 1)
  let isDrawing = false
  return track
    .map((beat, index) => {
      if (beat === null) {
        isDrawing = false
        return ''
      }
      const x = (maxBeats - track.length + index) * step
      const y = height - 1 - (beat === 'there' ? 0.5 : beat / most) * (height - 2)
      const command = isDrawing ? 'L' : 'M'
      isDrawing = true
      return `${command}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}
