import type { LocationDetail, Series, UsualPath } from '@proactive/shared/http'
import { api } from '../api/endpoints.ts'
import { t } from '../i18n/language.ts'
import type { Span } from './span.ts'
import { lineTargets, usualOfDevice, usualOfLine } from './usual.ts'

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
  /** From where to where it usually is. */
  readonly usual?: Range
}
/** Milliseconds between which most measurements lie. */
export interface Range {
  readonly lowMs: number
  readonly highMs: number
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

const lineColours = ['--accent', '--calm'] as const

/** How the line to the internet does beside what is usual on it; undefined where nothing outside is asked. */
async function loadLine(
  detail: LocationDetail,
  span: Span,
  usualPaths: readonly UsualPath[],
): Promise<Chart | undefined> {
  const { uplinkId, targets } = lineTargets(detail)
  const all = await Promise.all(
    targets.map(({ id }) =>
      api.series(detail.summary.id, { family: 'wan', subject: id, field: 'rttP50Ms', ...span, points }),
    ),
  )
  const [first] = all
  if (first === undefined) return undefined
  const usual = usualOfLine(usualPaths, uplinkId)
  return {
    title: t('Round-trip time to the internet'),
    unit: 'ms',
    timesMs: first.timesMs,
    lines: all.map(({ mean }, index) => ({
      label: targets[index]?.name ?? '',
      colour: lineColours[index] ?? '--accent',
      isDashed: index > 0,
      values: mean,
    })),
    ...(usual === undefined ? {} : { usual }),
  }
}

/** RTT, loss, the line to the internet and – where the router tells it by SNMP – throughput; a second device beside the first where one is chosen. */
export async function loadCharts(
  detail: LocationDetail,
  span: Span,
  chosen: { readonly id: string; readonly name: string },
  compared: { readonly id: string; readonly name: string } | undefined,
  usualPaths: readonly UsualPath[],
): Promise<Chart[]> {
  const { summary, devices } = detail
  const ask = (family: 'device' | 'snmp', subject: string, field: string) =>
    api.series(summary.id, { family, subject, field, ...span, points })
  const gateway = devices.find(({ device }) => device.isGateway)?.device.id
  const [p50, p95, loss, otherRtt, otherLoss, received, sent, line, usual] = await Promise.all([
    ask('device', chosen.id, 'rttP50Ms'),
    ask('device', chosen.id, 'rttP95Ms'),
    ask('device', chosen.id, 'lossRatio'),
    compared && ask('device', compared.id, 'rttP50Ms'),
    compared && ask('device', compared.id, 'lossRatio'),
    gateway === undefined ? undefined : ask('snmp', gateway, 'rxBytes'),
    gateway === undefined ? undefined : ask('snmp', gateway, 'txBytes'),
    loadLine(detail, span, usualPaths),
    usualOfDevice(summary.id, chosen.id),
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
      ...(usual === undefined ? {} : { usual }),
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
  if (line !== undefined) charts.push(line)
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
