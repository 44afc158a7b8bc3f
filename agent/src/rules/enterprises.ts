import type { DeviceRole } from '@proactive/shared'
import makersByRole from './enterprises.json' with { type: 'json' }

export interface Maker {
  readonly vendor: string
  readonly role: DeviceRole
}

/**
 * Makers by their registered enterprise number (IANA private enterprise numbers): what stands behind `1.3.6.1.4.1.` in sysObjectID,
 * with what the maker's boxes usually are. Only a fallback: product lines in `families/` know better. A longer number is a line of
 * its own below the maker's root. Checked word by word against IANA's list; a firm that was bought bears the name its boxes bear.
 */
const makerByNumber = new Map<string, Maker>(
  (Object.entries(makersByRole) as [DeviceRole, Readonly<Record<string, string>>][]).flatMap(
    ([role, makers]) => Object.entries(makers).map(([number, vendor]) => [number, { vendor, role }] as const),
  ),
)

/** The maker that registered the longest prefix of an OID below `enterprises`. */
export function makerOf(objectId: string): Maker | undefined {
  const parts = objectId.split('.')
  for (let length = Math.min(parts.length, 4); length > 0; length--) {
    const maker = makerByNumber.get(parts.slice(0, length).join('.'))
    if (maker !== undefined) return maker
  }
  return undefined
}

/** How makers write their own name in text fields; the longest word first. */
const writtenNames = new Map<string, string>([
  ...[...makerByNumber.values()].map(({ vendor }) => [vendor.toLowerCase(), vendor] as const),
  ['hewlett-packard', 'HP'],
  ['hewlett packard', 'HP'],
  ['hpe', 'HPE'],
  ['apc by schneider electric', 'APC'],
  ['american power conversion', 'APC'],
  ['schneider electric', 'APC'],
  ['liebert', 'Vertiv'],
  ['emerson', 'Vertiv'],
  ['mge', 'Eaton'],
  ['powerware', 'Eaton'],
  ['cyber power', 'CyberPower'],
  ['seiko epson', 'Epson'],
  ['fuji xerox', 'Fuji Xerox'],
  ['fujifilm', 'Fujifilm'],
  ['kyocera mita', 'Kyocera'],
  ['develop', 'Develop'],
  ['olivetti', 'Olivetti'],
  ['nrg', 'NRG'],
  ['lanier', 'Lanier'],
  ['savin', 'Savin'],
  ['gestetner', 'Gestetner'],
  ['infotec', 'Infotec'],
  ['utax', 'Utax'],
  ['ta triumph-adler', 'Triumph-Adler'],
  ['oki data', 'OKI'],
  ['okidata', 'OKI'],
  ['generic', 'Konica Minolta'],
  ['zebra technologies', 'Zebra'],
  ...['SATO', 'TSC', 'Citizen', 'Bixolon', 'Godex', 'Datamax', 'Honeywell', 'Dymo', 'Sindoh', 'Kodak'].map(
    (name) => [name.toLowerCase(), name] as const,
  ),
  ['rps spa', 'Riello'],
  ['merlin gerin', 'Eaton'],
  ['pepwave', 'Peplink'],
])
const namesByLength = [...writtenNames.keys()].sort((a, b) => b.length - a.length)

/** The maker whose name a text begins with. */
export function makerNamedIn(text: string): string | undefined {
  const lower = text.toLowerCase()
  const name = namesByLength.find(
    (one) => lower.startsWith(one) && !/[a-z0-9]/.test(lower[one.length] ?? ' '),
  )
  return name === undefined ? undefined : writtenNames.get(name)
}
