import { type FaultClass, faultClasses } from '@proactive/shared'
import { type Rule, rankOf, rules } from './rules.ts'
import { timings } from './timing.ts'

/** The table of causes as a page for technicians, nearest to the root first. */
export function ruleTable(): string {
  const rows = [...faultClasses]
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map((faultClass) => {
      const rule = rules[faultClass]
      return [
        `**${rule.name}**<br>[${faultClass}](runbooks/${faultClass}.md)`,
        rule.evidence,
        `${holdWords(rule)}; over after ${seconds(rule.clearMs)}`,
        waitWords[rule.waitsAfter],
        probeWords(rule),
        closedWords[rule.whenClosed],
        rule.explains.join(', ') || 'nothing',
        rule.severity,
        ownerWords(faultClass),
      ]
    })
  return [
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}

const columns = [
  'cause',
  'what must have been seen',
  'must stand for',
  'waits',
  'asks before it opens',
  'while the shop is closed',
  'explains',
  'urgency where no checkout is concerned',
  'role whose Team gets it',
]

/** Causes that one device of the Location may be: its own role comes first. */
const ofOneDevice: ReadonlySet<FaultClass> = new Set([
  'dns-failing',
  'ip-conflict',
  'switch-down',
  'pos-down',
  'device-down',
])

/** The role that the routing table is asked for. */
function ownerWords(faultClass: FaultClass): string {
  const { rootRole } = rules[faultClass]
  if (!ofOneDevice.has(faultClass)) return rootRole
  return rootRole === 'unknown' ? 'that of the device' : `that of the device, else ${rootRole}`
}

function holdWords({ holdMs }: Rule): string {
  return Number.isFinite(holdMs) ? seconds(holdMs) : 'judged over all Locations'
}

const waitWords: Readonly<Record<Rule['waitsAfter'], string>> = {
  reconnect: `after each start and reconnect, at most ${seconds(timings.production.startHoldMs)}`,
  start: `after a start of the agent, at most ${seconds(timings.production.startHoldMs)}`,
  never: 'never',
}

function probeWords({ secondProbeAfterMs }: Rule): string {
  if (secondProbeAfterMs === null) return 'nobody'
  return secondProbeAfterMs === 0
    ? 'the router'
    : `the router, now and again after ${seconds(secondProbeAfterMs)}`
}

const closedWords: Readonly<Record<Rule['whenClosed'], string>> = {
  nothing: 'opens nothing until half an hour before opening',
  slower: `must stand for ${seconds(timings.production.closedHoursHoldMs)}`,
  same: 'the same',
}

function seconds(ms: number): string {
  return ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`
}
