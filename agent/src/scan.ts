import type { Device } from '@proactive/shared'
import { createMemorySpool } from './adapters/memory-spool.ts'
import { createAgent } from './agent.ts'
import type { AgentDeps } from './agent-deps.ts'
import { CloudLinkError, type RunEntry } from './ports/index.ts'

/** After the sweep devices get this long to say what they are (SNMP, names). */
const wordsMs = 2_500

/** Looks for devices once, with everything the running agent would use, but keeps nothing and connects nowhere. */
export async function scanOnce(
  world: Omit<AgentDeps, 'spool' | 'journal' | 'cloudLink'>,
  onProgress: (line: string) => void,
): Promise<{ readonly found: number; readonly devices: readonly Device[] }> {
  let run: RunEntry | undefined
  const agent = createAgent({
    ...world,
    spool: createMemorySpool(),
    journal: {
      bootId: () => 'scan',
      previous: () => run,
      write: (entry) => {
        run = entry
      },
    },
    cloudLink: { open: () => Promise.reject(new CloudLinkError('a scan connects nowhere')) },
  })
  await agent.start()
  onProgress(`looking at ${world.settings.networks.join(', ')} …`)
  const found = await agent.sweep()
  onProgress(`${found} addresses answered; asking what they are …`)
  await new Promise<void>((resolve) => void world.scheduler.after(wordsMs, resolve))
  const { devices } = agent.status()
  await agent.stop('shutdown')
  return { found, devices }
}

/** Devices as a table for people: one line each, by address. */
export function deviceTable(devices: readonly Device[]): string {
  const rows = devices
    .map((device) => [
      device.ips[0] ?? '-',
      device.macs[0] ?? '-',
      device.role,
      device.vendor ?? '-',
      device.model ?? '-',
      device.name ?? '-',
      `${Math.round(device.confidence * 100)} %`,
    ])
    .sort(([a = ''], [b = '']) => a.localeCompare(b, 'en', { numeric: true }))
  const table = [['address', 'MAC', 'role', 'vendor', 'model', 'name', 'sure'], ...rows]
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
