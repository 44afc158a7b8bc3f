import type { FaultDescription } from '../../test/lab/faults.ts'

/** The faults for `--help`: name and argument in a column, what it does beside it, the argument's choices on a line of their own below. */
export function faultTable(faults: readonly FaultDescription[]): string {
  const width = Math.max(...faults.map((fault) => usageOf(fault).length))
  return faults
    .flatMap((fault) => [
      `  ${usageOf(fault).padEnd(width)}  ${fault.summary}`,
      ...choicesOf(fault).map((line) => `  ${' '.repeat(width)}  ${line}`),
    ])
    .join('\n')
}

function usageOf({ name, argument }: FaultDescription): string {
  if (argument === undefined) return name
  return argument.fallback === undefined ? `${name} <${argument.kind}>` : `${name} [${argument.kind}]`
}

function choicesOf({ argument }: FaultDescription): string[] {
  if (argument === undefined) return []
  const { kind, fallback } = argument
  const ending = fallback === undefined ? '' : ` (without it ${fallback})`
  if (kind === 'percent') return [`percent: above 0, up to 100${ending}`]
  if (kind === 'name') return [`name: new-1 to new-9${ending}`]
  return [`${kind}: ${argument.choices.join(', ')}${ending}`]
}
