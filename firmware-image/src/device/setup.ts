import { existsSync } from 'node:fs'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isClaimed, readSavedConfig, readText, report, writeWhole } from './box.ts'
import {
  type BoxConfig,
  blankSecrets,
  parseConfig,
  STORED_PASSWORD,
  USED_CLAIM,
  withSavedSecrets,
} from './config-file.ts'
import { agentSettings, networkFiles, wifiFile } from './network-files.ts'
import type { Places } from './places.ts'

/** The agent's user and group; the same number in /etc/passwd. */
export const AGENT_UID = 900

/**
 * At each start, before the network: takes what a person wrote to `proactive.json`, or what was kept of it, and writes what
 * the system's parts read. A file with mistakes changes nothing: the last good configuration stays in force, and the mistakes
 * are written beside it.
 */
export async function setUp(places: Places): Promise<void> {
  await mkdir(places.runDir, { recursive: true })
  await mkdir(places.networkDir, { recursive: true })
  const saved = readSavedConfig(places)
  const text = readText(places.configFile)
  const parsed = text === undefined ? undefined : parseConfig(text)
  const config =
    parsed?.kind === 'good' ? withSavedSecrets(parsed.config, saved) : (saved ?? ({} satisfies BoxConfig))
  await apply(places, config)
  if (parsed?.kind === 'good' && text !== undefined) await keep(places, text, config)
  if (parsed?.kind === 'bad') await report(places, { state: 'bad-config', problems: parsed.problems })
  else if (!existsSync(places.agentData)) await report(places, { state: 'data-lost' })
  else if (isClaimed(places)) await report(places, { state: 'claimed' })
  else if (text === undefined) await report(places, { state: 'no-config' })
  else if (config.claim === undefined || config.claim === USED_CLAIM)
    await report(places, { state: 'waiting-for-claim' })
  else await report(places, { state: 'claiming' })
  await writeWhole(join(places.runDir, 'set-up'), 'done\n')
}

/** Keeps the configuration with its secrets on the data partition and takes the Wi-Fi password off the drive everybody can read. */
async function keep(places: Places, text: string, config: BoxConfig): Promise<void> {
  if (!existsSync(places.agentData)) return
  const { claim: _claim, ...lasting } = config
  const kept = `${JSON.stringify(lasting, null, 2)}\n`
  if (readText(places.savedConfig) !== kept) await writeWhole(places.savedConfig, kept)
  const hasPassword = config.wifi !== undefined && config.wifi.password !== STORED_PASSWORD
  const isInText = hasPassword && text.includes(JSON.stringify(config.wifi?.password).slice(1, -1))
  if (isInText) await writeWhole(places.configFile, blankSecrets(text, { claim: false, password: true }))
}

async function apply(places: Places, config: BoxConfig): Promise<void> {
  for (const { name, text } of networkFiles(config))
    await writeWhole(join(places.networkDir, name), text, 0o644)
  if (config.wifi !== undefined) await writeWhole(join(places.runDir, 'wpa.conf'), wifiFile(config.wifi))
  if (!existsSync(places.agentData)) return
  const settings = `${JSON.stringify(agentSettings(config), null, 2)}\n`
  const file = join(places.agentData, 'agent.json')
  if (readText(file, 1_000_000) !== settings) await writeWhole(file, settings)
  if (process.getuid?.() === 0) await chown(file, AGENT_UID, AGENT_UID)
  await chmod(file, 0o600)
}
