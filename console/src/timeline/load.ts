import type { LocationDetail, Series } from '@proactive/shared/http'
import { api } from '../api/endpoints.ts'
import { t } from '../i18n/language.ts'
import type { Span } from './span.ts'

export interface Line {
  readonly label: string
  /** Name of the CSS variable with its colour. */
  readonly colour: string
  readonly isDashed?: boolean
  readonly values: readonly (number | null)[]
}
export interface Chart {
  readonly title: string
  readonly unit: string
  readonly timesMs: readonly number[]
  readonly lines: readonly Line[]
}
export interface Strip {
  readonly deviceId: string
  readonly name: string
  readonly bucketMs: number
  readonly timesMs: readonly number[]
  /** Share of presence checks that were answered; null = not measured. */
  readonly ratios: readonly (number | null)[]
}

const points = 120
const maxStrips = 10
const percent = (ratio: number | null) => (ratio === null ? null : ratio * 100)

/** RTT, loss and – where the router tells it by SNMP – throughput; a second device beside the first where one is chosen. */
export async function loadCharts(
  { summary, devices }: LocationDetail,
  span: Span,
  chosen: { readonly id: string; readonly name: string },
  compared: { readonly id: string; readonly name: string } | undefined,
): Promise<Chart[]> {
  const ask = (family: 'device' | 'snmp', subject: string, field: string) =>
    api.series(summary.id, { family, subject, field, ...span, points })
  const gateway = devices.find(({ device }) => device.isGateway)?.device.id
  const [p50, p95, loss, otherRtt, otherLoss, received, sent] = await Promise.all([
    ask('device', chosen.id, 'rttP50Ms'),
    ask('device', chosen.id, 'rttP95Ms'),
    ask('device', chosen.id, 'lossRatio'),
    compared && ask('device', compared.id, 'rttP50Ms'),
    compared && ask('device', compared.id, 'lossRatio'),
    gateway === undefined ? undefined : ask('snmp', gateway, 'rxBytes'),
    gateway === undefined ? undefined : ask('snmp', gateway, 'txBytes'),
  ])
  const other = (series: Series | undefined, values: readonly (number | null)[]): Line[] =>
    compared === undefined || series === undefined ? [] : [{ label: compared.name, colour: '--calm', values }]
  const charts: Chart[] = [
    {
      title: t('Round-trip time'),
      unit: 'ms',
      timesMs: p50.timesMs,
      lines: [
        { label: t('{name}, median', { name: chosen.name }), colour: '--accent', values: p50.mean },
        { label: t('95th percentile'), colour: '--warn', isDashed: true, values: p95.mean },
        ...other(otherRtt, otherRtt?.mean ?? []),
      ],
    },
    {
      title: t('Loss'),
      unit: '%',
      timesMs: loss.timesMs,
      lines: [
        { label: chosen.name, colour: '--bad', values: loss.mean.map(percent) },
        ...other(otherLoss, (otherLoss?.mean ?? []).map(percent)),
      ],
    },
  ]
  if (received !== undefined && sent !== undefined && toRate(received).some((value) => value !== null))
    charts.push({
      title: t('Throughput of the router’s line'),
      unit: 'kbit/s',
      timesMs: received.timesMs,
      lines: [
        { label: t('received'), colour: '--accent', values: toRate(received) },
        { label: t('sent'), colour: '--warn', isDashed: true, values: toRate(sent) },
      ],
    })
  return charts
}

/** Growth of a counter in kbit/s; a counter that went back was reset and tells nothing for that step. */
export function toRate({ mean, timesMs }: Pick<Series, 'mean' | 'timesMs'>): (number | null)[] {
  let before: { readonly value: number; readonly atMs: number } | undefined
  return mean.map((value, index) => {
    const atMs = timesMs[index]
    if (value === null || atMs === undefined) return null
    const last = before
    before = { value, atMs }
    if (last === undefined || value < last.value) return null
    return ((value - last.value) * 8) / (atMs - last.atMs)
  })
}

/** Presence of those that matter most: router, switches, checkouts. */
export async function loadStrips({ summary, devices }: LocationDetail, span: Span): Promise<Strip[]> {
  const roles = ['router', 'switch', 'pos-terminal', 'pos-workstation', 'access-point', 'printer']
  const chosen = devices
    .filter(({ device }) => roles.includes(device.role))
    .toSorted((a, b) => roles.indexOf(a.device.role) - roles.indexOf(b.device.role))
    .slice(0, maxStrips)
  return Promise.all(
    chosen.map(async ({ device }) => {
      const series = await api.series(summary.id, {
        family: 'device',
        subject: device.id,
        field: 'presenceRatio',
        ...span,
        points,
      })
      return {
        deviceId: device.id,
        name: device.name ?? device.ips[0] ?? device.id,
        bucketMs: series.bucketMs,
        timesMs: series.timesMs,
        ratios: series.mean,
      }
    }),
  )
}
