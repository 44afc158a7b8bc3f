import type { Finding } from './doctor.ts'
import type { Board } from './ports/index.ts'

const hotC = 80
const wornRatio = 0.8
const words = {
  'under-voltage': 'too little voltage',
  'frequency-capped': 'a capped clock',
  throttled: 'throttling',
  'too-hot': 'heat',
} as const

/** What the board says about its own health; nothing where it says nothing. */
export function examineBoard({ temperatureC, power, card, links }: Board): Finding[] {
  const findings: Finding[] = []
  const add = (check: string, isWell: boolean, well: string, ill: string) =>
    void findings.push({ check, state: isWell ? 'ok' : 'warn', sentence: isWell ? well : ill })
  if (temperatureC !== null) {
    const now = `${Math.round(temperatureC)} °C`
    add(
      'temperature',
      temperatureC < hotC,
      `The processor has ${now}.`,
      `The processor has ${now}: give the box air.`,
    )
  }
  if (power !== null) {
    const faults = power.isNow.length > 0 ? power.isNow : power.hasBeen
    const when = power.isNow.length > 0 ? 'now' : 'since the last start'
    add(
      'power supply',
      faults.length === 0,
      'The power supply holds.',
      `The board reports ${faults.map((fault) => words[fault]).join(', ')} ${when}: use the supply and cable made for it.`,
    )
  }
  if (card !== null) {
    const written = `${(card.writtenBytes / 1e9).toFixed(1)} GB written since the start`
    const used =
      card.lifeUsedRatio === null ? '' : `, ${Math.round(card.lifeUsedRatio * 100)} % of its life used`
    add(
      'card',
      (card.lifeUsedRatio ?? 0) < wornRatio,
      `${card.name}: ${written}${used}.`,
      `${card.name}: ${written}${used}: replace it soon.`,
    )
  }
  for (const { name, speedMbit, isFullDuplex } of links)
    add(
      `link ${name}`,
      isFullDuplex && speedMbit >= 100,
      `${name} runs at ${speedMbit} Mbit/s.`,
      `${name} runs at ${speedMbit} Mbit/s, ${isFullDuplex ? 'full' : 'half'} duplex: change the cable or the port's settings.`,
    )
  return findings
}
