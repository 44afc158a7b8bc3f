import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import type { BuiltImage } from '../../firmware-image/src/build.ts'
import { formatBytes, formatSeconds } from '../progress/steps.ts'
import { projectRoot } from '../setup/project-root.ts'

export interface CaseResult {
  readonly name: string
  readonly isOk: boolean
  /** What was seen, or why it failed. */
  readonly words: string
  readonly seconds: number
  /** Processor time of its machines, user and system: what it costs, however busy this machine is. */
  readonly cpuSeconds: number
  /** Processes that wanted this machine's cores while it ran, on average (1 min) at its end. */
  readonly load: number
}

export interface Run {
  readonly results: readonly CaseResult[]
  /** Names of the cases that did not run yet. */
  readonly missing: readonly string[]
  readonly images: readonly BuiltImage[]
  /** Undefined when some results were taken over from an earlier run. */
  readonly inOneGoSeconds: number | undefined
  /** How many cases ran at a time. */
  readonly sideBySide: number
}

/** Writes the run down as `docs/reports/<date>-firmware.md`, after each case anew; a later run of the same day replaces it. */
export async function writeReport(run: Run): Promise<void> {
  const date = new Date().toISOString().slice(0, 10)
  const folder = join(projectRoot, 'docs/reports')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${date}-firmware.md`), formatReport(run, date))
}

function formatReport(run: Run, date: string): string {
  const { results, missing, images } = run
  const failed = results.filter(({ isOk }) => !isOk).length
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${formatBytes(totalmem())}, load ${loadavg()[0]?.toFixed(1)} at the end`
  const seen = new Set<string>()
  const rows = images.flatMap(({ manifest }) => {
    const { board, version, kernel, node, artifacts, modules } = manifest
    if (seen.has(`${board} ${version}`)) return []
    seen.add(`${board} ${version}`)
    const size = (name: string) => formatBytes(artifacts.find(({ file }) => file === name)?.bytes ?? 0)
    return [
      `| ${board} | ${version} | ${kernel} | ${node} | ${size('disk.img')} | ${size('update.raucb')} | ${modules.kept} of ${modules.of} |`,
    ]
  })
  return `# Firmware image, ${date}

Written by \`npm run firmware -- test\`. ${results.length - failed} of ${results.length + missing.length} cases hold${failed === 0 ? '' : `, ${failed} failed`}${missing.length === 0 ? '' : `, ${missing.length} did not run`}; ${lengthOf(run)}, images built before.

Machine: ${machine}. QEMU emulates every instruction (TCG); the guests' only network ends at this machine's loopback.

| image | version | kernel | Node | disk.img | update.raucb | kernel modules |
|---|---|---|---|---|---|---|
${rows.join('\n')}

| case | holds | seconds | of them processor (QEMU) | load | seen |
|---|---|---|---|---|---|
${results.map(({ name, isOk, words, seconds, cpuSeconds, load }) => `| ${cell(name)} | ${isOk ? 'yes' : '**no**'} | ${seconds.toFixed(0)} | ${cpuSeconds.toFixed(0)} | ${load.toFixed(1)} | ${cell(words)} |`).join('\n')}
${missing.map((name) => `| ${cell(name)} | did not run | | | | |\n`).join('')}`
}

/** How long the cases took, and what they cost: the second does not depend on what else this machine does. */
function lengthOf({ results, inOneGoSeconds, sideBySide }: Run): string {
  const sum = (of: (result: CaseResult) => number) => results.reduce((total, result) => total + of(result), 0)
  const wall =
    inOneGoSeconds === undefined
      ? `${formatSeconds(sum(({ seconds }) => seconds) * 1000)} added up, not in one go`
      : `${formatSeconds(inOneGoSeconds * 1000)} in one go, ${sideBySide} at a time`
  return `${wall}; ${formatSeconds(sum(({ cpuSeconds }) => cpuSeconds) * 1000)} of QEMU’s processor time`
}

const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .slice(0, 1200)
