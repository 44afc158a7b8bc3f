import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '@proactive/shared'
import { parseSettings, type Settings, settingsSchema } from './settings.ts'

/** Where the agent keeps what it must not lose, and what it was told on site. */
export interface Installation {
  readonly dataDir: string
  readonly settingsFile: string
  readonly settings: Settings
  /** The SNMP community, wherever it was found; never logged. */
  readonly snmpCommunity?: string
  readonly bootIdFile: string
  /** Side journal of the spool for the loss test. */
  readonly spoolJournal?: string
}

const maxSettingsBytes = 1_000_000

/**
 * Finds data folder and settings: `--config`, else `PROACTIVE_AGENT_CONFIG`, else `<data>/agent.json`; `PROACTIVE_DATA` else `./.proactive`.
 * A missing default file means no settings. @throws UsageError
 */
export function loadInstallation(env: NodeJS.ProcessEnv, configOption?: string): Installation {
  const dataDir = resolve(env.PROACTIVE_DATA || '.proactive')
  const named = configOption ?? (env.PROACTIVE_AGENT_CONFIG || undefined)
  const settingsFile = named === undefined ? join(dataDir, 'agent.json') : resolve(named)
  const settings = readSettings(settingsFile, named !== undefined)
  const snmpCommunity = env.PROACTIVE_SNMP_COMMUNITY || readCommunity(settings)
  return Object.freeze({
    dataDir,
    settingsFile,
    settings,
    ...(snmpCommunity === undefined ? {} : { snmpCommunity }),
    bootIdFile: env.PROACTIVE_BOOT_ID_FILE || '/proc/sys/kernel/random/boot_id',
    ...(env.PROACTIVE_SPOOL_JOURNAL ? { spoolJournal: resolve(env.PROACTIVE_SPOOL_JOURNAL) } : {}),
  })
}

function readSettings(file: string, isNamed: boolean): Settings {
  if (!existsSync(file)) {
    if (isNamed) throw new UsageError(`There is no settings file ${file}: create it, or correct --config.`)
    return settingsSchema.parse({})
  }
  try {
    if (statSync(file).size > maxSettingsBytes)
      throw new UsageError(`${file} is too long for a settings file.`)
    const settings = parseSettings(readFileSync(file, 'utf8'), file)
    if (settings.snmpV3 !== undefined && (statSync(file).mode & 0o077) !== 0)
      throw new UsageError(`${file} holds the keys of snmpV3 and can be read by others: run chmod 600 on it.`)
    return settings
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`${file} cannot be read: check its owner and permissions.`, { cause })
  }
}

function readCommunity(settings: Settings): string | undefined {
  const file = settings.snmpCommunityFile
  if (file === undefined) return settings.snmpCommunity
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      throw new UsageError(`snmpCommunityFile ${file} can be read by others: run chmod 600 on it.`)
    return readFileSync(file, 'utf8').trim() || undefined
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(
      `snmpCommunityFile ${file} cannot be read: create it with the community in it, mode 0600.`,
      {
        cause,
      },
    )
  }
}
