import type { LabStatus } from '../../test/lab/protocol.ts'
import type { FaultReport, HealReport } from '../stack/fault-trial.ts'

/** Tables for people; the same data as `--json`. */
export function printFaultReport(report: unknown): string {
  const { fault, issues, childIssues } = report as FaultReport
  if (issues.length === 0) return `${fault}: no Issue opened`
  const lines = issues.map(
    (issue) =>
      `  ${issue.team} owns an Issue on ${issue.product}, opened after ${issue.seconds} s` +
      `${issue.affected.length > 0 ? `; affected: ${issue.affected.join(', ')}` : ''}\n    ${issue.key}`,
  )
  return [`${fault}:`, ...lines, `  child Issues: ${childIssues}`].join('\n')
}

export function printHealReport(report: unknown): string {
  const { fault, issues } = report as HealReport
  if (issues.length === 0) return `${fault} healed; it had opened no Issue`
  return [
    `${fault} healed:`,
    ...issues.map(
      (issue) =>
        `  ${issue.status} after ${issue.seconds} s; cause ${issue.cause}, owner ${issue.team}\n    ${issue.key}`,
    ),
  ].join('\n')
}

export function printStatus(report: unknown): string {
  const { nodes, faults } = report as LabStatus
  const rows = nodes.map(
    (node) =>
      `  ${node.name.padEnd(12)} ${node.role.padEnd(14)} ${(node.address ?? '-').padEnd(16)} ${node.mac}  ${node.isOn ? (node.isAsleep ? 'asleep' : 'on') : 'OFF'}`,
  )
  const inForce = faults.map((fault) => [fault.name, fault.argument].join(' ').trim())
  return [...rows, `faults in force: ${inForce.length > 0 ? inForce.join(', ') : 'none'}`].join('\n')
}
