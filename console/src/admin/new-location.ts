import { type Location, writeLocationSchema } from '@proactive/shared/http'
import { ApiError } from '../api/client.ts'
import { api } from '../api/endpoints.ts'
import { t } from '../i18n/language.ts'

/** A new Location as people type it. */
export interface LocationDraft {
  readonly name: string
  readonly customerName: string
  readonly customerNumber: string
  readonly address: string
  readonly timeZone: string
  /** `latitude, longitude` in degrees, or empty. */
  readonly coordinates: string
  readonly from: string
  readonly to: string
}

/** What is wrong with a draft, in a sentence; undefined = nothing. */
export function complaintAbout(draft: LocationDraft): string | undefined {
  if (draft.name.trim() === '') return t('the name is missing')
  if (draft.customerNumber.trim() === '') return t('the Customer number is missing')
  try {
    new Intl.DateTimeFormat('en', { timeZone: draft.timeZone })
  } catch {
    return t('"{zone}" is no time zone, such as Europe/Berlin', { zone: draft.timeZone })
  }
  const parsed = writeLocationSchema.safeParse(toBody(draft, 'customer'))
  if (parsed.success) return undefined
  const issue = parsed.error.issues[0]
  return `${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'does not fit'}`
}

/** Open Monday to Saturday; finer hours are an edit. */
function toBody(draft: LocationDraft, customerId: string) {
  const [latitude, longitude] = draft.coordinates
    .split(/[\s,;]+/)
    .filter((word) => word !== '')
    .map(Number)
  return {
    customerId,
    name: draft.name.trim(),
    ...(draft.address.trim() === '' ? {} : { address: draft.address.trim() }),
    timeZone: draft.timeZone.trim(),
    ...(draft.coordinates.trim() === '' ? {} : { latitude, longitude }),
    calendar: {
      openings: [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, from: draft.from, to: draft.to })),
      holidays: [],
    },
  }
}

/** Makes the Customer of the number where it lacks, and the Location. @throws ApiError */
export async function addLocation(draft: LocationDraft): Promise<Location> {
  const complaint = complaintAbout(draft)
  if (complaint !== undefined) throw new ApiError(400, `Not saved: ${complaint}.`)
  const customer = await api.ensureCustomer({
    name: draft.customerName.trim() || draft.name.trim(),
    number: draft.customerNumber.trim(),
  })
  return api.addLocation(toBody(draft, customer.id))
}

const columns = [
  'name',
  'customer number',
  'customer name',
  'address',
  'time zone',
  'latitude',
  'longitude',
  'opens',
  'closes',
] as const
export const csvHeader = columns.join(',')

/** Rows of a CSV with a header line in any order; quoted cells as in RFC 4180; at most 2,000 rows. */
export function parseLocationCsv(text: string): LocationDraft[] {
  const [header, ...rows] = parseCsv(text.slice(0, 2_000_000))
  if (header === undefined) return []
  const place = new Map(header.map((cell, index) => [cell.trim().toLowerCase(), index]))
  const cell = (row: readonly string[], name: (typeof columns)[number]) =>
    (row[place.get(name) ?? -1] ?? '').trim()
  return rows
    .filter((row) => row.some((each) => each.trim() !== ''))
    .slice(0, 2_000)
    .map((row) => ({
      name: cell(row, 'name'),
      customerNumber: cell(row, 'customer number'),
      customerName: cell(row, 'customer name'),
      address: cell(row, 'address'),
      timeZone: cell(row, 'time zone') || 'UTC',
      coordinates: [cell(row, 'latitude'), cell(row, 'longitude')].filter((each) => each !== '').join(', '),
      from: cell(row, 'opens') || '08:00',
      to: cell(row, 'closes') || '20:00',
    }))
}

function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  let value = ''
  let isQuoted = false
  for (let index = 0; index < text.length; index++) {
    const char = text[index] ?? ''
    if (isQuoted) {
      if (char !== '"') value += char
      else if (text[index + 1] === '"') value += text[++index]
      else isQuoted = false
    } else if (char === '"') isQuoted = true
    else if (char === ',' || char === ';' || char === '\n') {
      rows.at(-1)?.push(value)
      value = ''
      if (char === '\n') rows.push([])
    } else if (char !== '\r') value += char
  }
  rows.at(-1)?.push(value)
  return rows
}
