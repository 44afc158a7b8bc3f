import { toShortText } from '@proactive/shared'
import { clockWords } from '../hours.ts'
import type { IncidentReport } from '../model.ts'
import { rules } from '../rules.ts'
import { troubledOf } from './fleet-state.ts'
import { groupWords } from './groups.ts'
import type { FleetState, Member, Parent } from './model.ts'

/** Locations named in an Issue; the rest is a number. */
const mostNamed = 40

/** One sentence: what many Locations share, since when, and how many there are. */
export function headlineOf(state: FleetState, parent: Parent): string {
  const count = Math.max(parent.mostMembers, troubledOf(state, parent.key).length)
  const since = timeWords(state, parent, parent.startedAtMs)
  const end =
    parent.wellSinceMs === null ? '' : ` (over since ${timeWords(state, parent, parent.wellSinceMs)})`
  const what = groupWords(parent.group)
  const places = `${count} Locations`
  switch (parent.faultClass) {
    case 'processor-outage':
      return toShortText(`Payment processor ${what} unreachable since ${since} from ${places}${end}`, 240)
    case 'region-outage':
      return toShortText(`${places} in ${what} dark since ${since}${end}`, 240)
    default:
      return toShortText(`Outage at ${what} since ${since}: ${places} offline${end}`, 240)
  }
}

function timeWords(state: FleetState, parent: Parent, atMs: number): string {
  const zone = state.members.get(parent.leadLocationId)?.timeZone ?? 'UTC'
  return clockWords(zone, atMs, state.nowMs)
}

/** Named is what everybody may read who has a stake in the Location the Issue is filed at; the others are a number. */
function namesOf(state: FleetState, parent: Parent, standing: readonly Member[]): string {
  const readers = state.members.get(parent.leadLocationId)?.stake?.organizationIds ?? []
  const isReadable = ({ stake }: Member) =>
    readers.every((id) => stake?.organizationIds.includes(id) === true)
  const names = standing
    .filter(isReadable)
    .map(({ name }) => name)
    .sort()
    .slice(0, mostNamed)
  const others = standing.length - names.length
  return `${names.join(', ')}${others > 0 ? `${names.length > 0 ? ' and ' : ''}${others} more` : ''}`
}

/** The parent incident as its one Issue needs it. */
export function reportOf(
  state: FleetState,
  parent: Parent,
  endedBy: IncidentReport['endedBy'],
): IncidentReport {
  const isClosed = endedBy !== undefined
  const rule = rules[parent.faultClass]
  const standing = troubledOf(state, parent.key)
  const concerned = standing.length === 0 ? [] : ['', `Locations: ${namesOf(state, parent, standing)}`]
  const evidence = parent.reasons.map(({ atMs, text }) => `- ${timeWords(state, parent, atMs)} ${text}`)
  return {
    key: parent.key,
    locationId: parent.leadLocationId,
    faultClass: parent.faultClass,
    severity: 'critical',
    state: isClosed ? 'closed' : parent.state === 'recovering' ? 'recovering' : 'open',
    rootRole: rule.rootRole,
    headline: headlineOf(state, parent),
    symptoms: rule.symptoms,
    diagnosis: [rule.diagnosis, ...concerned, '', 'Evidence:', ...evidence].join('\n').slice(0, 4_000),
    affectedDeviceIds: [],
    locationIds: standing.map(({ locationId }) => locationId).sort(),
    startedAtMs: parent.startedAtMs,
    openedAtMs: parent.openedAtMs ?? state.nowMs,
    ...(parent.wellSinceMs === null ? {} : { clearedAtMs: parent.wellSinceMs }),
    ...(isClosed ? { closedAtMs: state.nowMs, endedBy } : {}),
    reasons: parent.reasons.map(({ atMs, text }) => ({ atMs, text })),
  }
}
