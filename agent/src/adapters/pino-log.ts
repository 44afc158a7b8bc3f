import { pino } from 'pino'
import type { Log } from '../ports/index.ts'
import type { Settings } from '../settings/settings.ts'

/** JSON lines to stderr; what could be a secret never gets there. */
export function createLog(level: Settings['logLevel']): Log {
  const redact = {
    paths: ['community', 'snmpCommunity', 'token', 'keyPem', '*.community', '*.keyPem'],
    remove: true,
  }
  return pino({ level, redact, base: { program: 'agent' } }, pino.destination({ fd: 2, sync: true }))
}
