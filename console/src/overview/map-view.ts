import type { LocationSummary } from '@proactive/shared/http'

export interface Pin {
  readonly summary: LocationSummary
  readonly x: number
  readonly y: number
  /** Further Locations at the same spot on this map. */
  readonly others: number
}
export interface MapView {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** One degree in map units; plate carrée, narrowed at the middle latitude so that shapes look right. */
const unit = 10
const leastSpanDegrees = 26
const pinGapShare = 0.025

export type Projection = (longitude: number, latitude: number) => { x: number; y: number }

/** Fits all Locations with coordinates into one view, never closer than some countries. Pure. */
export function fitMap(summaries: readonly LocationSummary[]): {
  view: MapView
  project: Projection
  pins: Pin[]
} {
  const placed = summaries.flatMap((summary) =>
    summary.latitude === undefined || summary.longitude === undefined
      ? []
      : [{ summary, latitude: summary.latitude, longitude: summary.longitude }],
  )
  const span = (values: readonly number[], fallback: number) => {
    const least = values.length === 0 ? fallback : Math.min(...values)
    const most = values.length === 0 ? fallback : Math.max(...values)
    const size = Math.max(leastSpanDegrees, (most - least) * 1.25)
    return { middle: (least + most) / 2, size }
  }
  const latitudes = span(
    placed.map(({ latitude }) => latitude),
    48,
  )
  const longitudes = span(
    placed.map(({ longitude }) => longitude),
    10,
  )
  const squeeze = Math.max(0.3, Math.cos((latitudes.middle * Math.PI) / 180))
  const project: Projection = (longitude, latitude) => ({
    x: longitude * squeeze * unit,
    y: -latitude * unit,
  })
  const middle = project(longitudes.middle, latitudes.middle)
  const height = Math.max(latitudes.size * unit, (longitudes.size * squeeze * unit) / 2.2)
  const width = height * 2.2
  const view = { x: middle.x - width / 2, y: middle.y - height / 2, width, height }
  const pins: Pin[] = []
  // The list comes worst first: the worst of a spot is the one that is seen.
  for (const { summary, latitude, longitude } of placed) {
    const at = project(longitude, latitude)
    const near = pins.findIndex(
      (pin) => Math.abs(pin.x - at.x) < width * pinGapShare && Math.abs(pin.y - at.y) < width * pinGapShare,
    )
    const pin = pins[near]
    if (pin === undefined) pins.push({ summary, ...at, others: 0 })
    else pins[near] = { ...pin, others: pin.others + 1 }
  }
  return { view, project, pins }
}
