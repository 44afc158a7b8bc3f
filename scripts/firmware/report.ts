import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { join, relative } from 'node:path'
import type { BuiltImage } from '../../firmware-image/src/build.ts'
import { formatBytes } from '../progress/steps.ts'
import { projectRoot } from '../setup/project-root.ts'

export interface CaseResult {
  readonly name: string
  readonly isOk: boolean
  /** What was seen, or why it failed. */
  readonly words: string
  readonly seconds: number
  /** Processes that wanted this machine's cores while it ran, on average (1 min) at its end. */
  readonly load: number
}

/** Writes the run down as `docs/reports/<date>-firmware.md`; a later run of the same day replaces it. */
export async function writeReport(
  results: readonly CaseResult[],
  images: readonly BuiltImage[],
  total: string,
): Promise<string> {
  const date = new Date().toISOString().slice(0, 10)
  const folder = join(projectRoot, 'docs/reports')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${date}-firmware.md`)
  await writeFile(file, formatReport(results, images, total, date))
  return relative(projectRoot, file)
}

export function formatReport(
  results: readonly CaseResult[],
  images: readonly BuiltImage[],
  total: string,
  date: string,
): string {
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

Written by \`npm run firmware -- test\`. ${results.length - failed} of ${results.length} cases hold; ${total} in all, images built before.

Machine: ${machine}. QEMU emulates every instruction (TCG); the guests' only network ends at this machine's loopback.

| image | version | kernel | Node | disk.img | update.raucb | kernel modules |
|---|---|---|---|---|---|---|
${rows.join('\n')}

| case | holds | seconds | load | seen |
|---|---|---|---|---|
${results.map(({ name, isOk, words, seconds, load }) => `| ${cell(name)} | ${isOk ? 'yes' : '**no**'} | ${seconds.toFixed(0)} | ${load.toFixed(1)} | ${cell(words)} |`).join('\n')}
`
}

const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .slice(0, 1200)
