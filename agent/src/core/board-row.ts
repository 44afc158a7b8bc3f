import type { Board, PowerFault } from '../ports/index.ts'

const faults: readonly PowerFault[] = ['under-voltage', 'frequency-capped', 'throttled', 'too-hot']

/** The board's row in the column order of the contract. */
export function boardRow({ power, card, links }: Board, isClockSynced: boolean): (number | null)[] {
  const slowest = links.toSorted((a, b) => a.speedMbit - b.speedMbit)[0]
  const halfDuplex = links.some(({ isFullDuplex }) => !isFullDuplex)
  return [
    ...faults.map((fault) => (power === null ? null : Number(power.isNow.includes(fault)))),
    power === null ? null : Number(power.hasBeen.length > 0),
    card?.writtenBytes ?? null,
    card?.lifeUsedRatio ?? null,
    slowest?.speedMbit ?? null,
    slowest === undefined ? null : Number(halfDuplex),
    Number(isClockSynced),
  ]
}

/** What is worth telling at once when it changes: all but the card's figures, which grow all the time. */
export function boardKey(row: readonly (number | null)[]): string {
  return [...row.slice(0, 5), ...row.slice(7)].join(' ')
}
