import { join } from 'node:path'

/** Where the appliance keeps what. Tests put a folder in front. */
export interface Places {
  /** The FAT partition, which a person can read and edit on any PC. */
  readonly bootFs: string
  /** What a person writes there before the first start. */
  readonly configFile: string
  /** What the appliance answers there. */
  readonly statusFile: string
  /** A file of this name asks for a factory reset. */
  readonly resetFile: string
  /** The last good configuration, with the secrets that were blanked on the FAT partition. */
  readonly savedConfig: string
  readonly agentData: string
  /** Which slot is on trial after an update, and what its predecessor could do. */
  readonly trialFile: string
  /** What was installed last, so that a stick left in its socket is not installed for ever. */
  readonly lastUpdate: string
  /** Gone at each start. */
  readonly runDir: string
  /** There while a claim is being spent; the agent is not started beside it. */
  readonly claimingFile: string
  readonly networkDir: string
  /** What a screen or a serial line shows. */
  readonly console: string
}

export function placesBelow(root: string): Places {
  const at = (...path: string[]) => join(root, ...path)
  return {
    bootFs: at('bootfs'),
    configFile: at('bootfs/proactive.json'),
    statusFile: at('bootfs/proactive-status.txt'),
    resetFile: at('bootfs/factory-reset'),
    savedConfig: at('data/system/proactive.json'),
    agentData: at('data/agent'),
    trialFile: at('data/system/trial.json'),
    lastUpdate: at('data/system/last-update'),
    runDir: at('run/proactive'),
    claimingFile: at('run/proactive/claiming'),
    networkDir: at('run/systemd/network'),
    console: at('dev/console'),
  }
}
