import { type EpochMs, toShortText } from '@proactive/shared'
import { countWords, nameOf } from './device-words.ts'
import { clockWords } from './hours.ts'
import { impactWords } from './impact.ts'
import { targetName } from './judge-paths.ts'
import type { IncidentReport } from './model.ts'
import { rules } from './rules.ts'
import type { IncidentFacts, LocationState } from './state.ts'

/** The incident in words and data, as it stands; nothing of it is stored but the facts. */
export function reportOf(state: LocationState, incident: IncidentFacts, nowMs: EpochMs): IncidentReport {
  const rule = rules[incident.faultClass]
  const words = wordsOf(state, incident, nowMs)
  const impact = impactWords(state, incident, nowMs)
  const evidence = incident.reasons.map(({ atMs, text }) => `${timeWords(state, atMs, nowMs)} ${text}`)
  return {
    key: incident.key,
    locationId: state.locationId,
    faultClass: incident.faultClass,
    severity: incident.severity,
    state: incident.state,
    ...(incident.rootDeviceId === undefined ? {} : { rootDeviceId: incident.rootDeviceId }),
    rootRole: incident.rootRole,
    headline: headlineOf(state, incident, nowMs),
    symptoms: fill(rule.symptoms, words).slice(0, 2_000),
    diagnosis: [
      fill(rule.diagnosis, words),
      ...(impact === '' ? [] : ['', `Impact: ${impact}.`]),
      '',
      'Evidence:',
      ...evidence.map((line) => `- ${line}`),
    ]
      .join('\n')
      .slice(0, 4_000),
    affectedDeviceIds: [...incident.affected],
    startedAtMs: incident.startedAtMs,
    openedAtMs: incident.openedAtMs,
    ...(incident.clearedAtMs === null ? {} : { clearedAtMs: incident.clearedAtMs }),
    ...heldWords(state, incident),
    reasons: incident.reasons.map(({ atMs, text }) => ({ atMs, text })),
  }
}

/** Why no Issue opens for it; what people planned goes before what was found. */
function heldWords(
  state: LocationState,
  { heldBy, isOfFleet }: IncidentFacts,
): Pick<IncidentReport, 'issueHeldBy' | 'parentKey'> {
  const { parent } = state.tie
  const parentKey = isOfFleet === true && parent !== null ? { parentKey: parent.key } : {}
  if (heldBy !== null) return { issueHeldBy: heldBy, ...parentKey }
  return isOfFleet === true ? { issueHeldBy: 'fleet', ...parentKey } : {}
}

/** One sentence: what is broken, since when, who suffers; with its end where it is over. */
export function headlineOf(state: LocationState, incident: IncidentFacts, nowMs: EpochMs): string {
  const headline = fill(rules[incident.faultClass].headline, wordsOf(state, incident, nowMs))
  const end =
    incident.clearedAtMs === null ? '' : ` (over since ${timeWords(state, incident.clearedAtMs, nowMs)})`
  return toShortText(`${headline}${end}`, 240)
}

/** What explains a device's silence, shorter than the headline: who else suffers does not matter there. */
export function explanationOf(state: LocationState, incident: IncidentFacts, nowMs: EpochMs): string {
  const words = { ...wordsOf(state, incident, nowMs), suffering: '' }
  return toShortText(fill(rules[incident.faultClass].headline, words), 240)
}

/** A time on the Location's own clock; with the date where it is another day than now. */
export function timeWords(state: LocationState, atMs: EpochMs, nowMs: EpochMs): string {
  return clockWords(state.config?.timeZone ?? 'UTC', atMs, nowMs)
}

interface Words {
  readonly root: string
  readonly since: string
  readonly affected: string
  readonly suffering: string
}

function wordsOf(state: LocationState, incident: IncidentFacts, nowMs: EpochMs): Words {
  const affected = countWords(state, incident.affected)
  const felt = countWords(state, incident.affected, true)
  return {
    root: toShortText(rootWords(state, incident), 120),
    since: timeWords(state, incident.startedAtMs, nowMs),
    affected,
    suffering: incident.affected.length > 0 ? `; ${felt} affected, not at fault` : '',
  }
}

function rootWords(state: LocationState, { faultClass, rootId, rootDeviceId }: IncidentFacts): string {
  const device = rootDeviceId === undefined ? undefined : state.deviceById.get(rootDeviceId)
  switch (faultClass) {
    case 'payment-path-failing':
      return targetName(state, rootId)
    case 'ip-conflict':
      return rootId
    case 'dns-failing':
      return (
        state.conditions.find(({ kind, state }) => kind === 'dns' && state === 'bad')?.subject ?? 'in use'
      )
    case 'pos-down':
    case 'device-down':
      return device === undefined ? 'The device' : nameOf(device)
    default:
      return device === undefined ? 'The router' : nameOf(device)
  }
}

function fill(template: string, words: Words): string {
  return template.replaceAll(
    /\{(root|since|affected|suffering)\}/g,
    (_whole, name: keyof Words) => words[name],
  )
}
