import type { SealedSnmp, SnmpAccess } from '@proactive/shared/http'
import { seal } from '@proactive/shared/codec'
import type { Database } from '../db/database.ts'
import { refreshDesired } from './desired.ts'
import { DirectoryError, found } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import { type StoredSnmp, storedSnmpOf } from './stored-snmp.ts'

/** What opens SNMP at appliances: sealed to each one's key when it comes in, and nobody's to read from then on (ADR 052, 099). */
export interface SnmpAccesses {
  /** What was sealed for the appliance, and whether something can be. */
  standing(applianceId: string): Promise<{ readonly snmp: SealedSnmp | null; readonly canSeal: boolean }>
  /** Seals it and puts it into the appliance's configuration. @throws DirectoryError where its key is not known yet, or the text is too long. */
  put(applianceId: string, access: SnmpAccess, byUserId: string): Promise<void>
  /** What was set on site holds again. */
  remove(applianceId: string): Promise<void>
}

export interface SnmpAccessesDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
  readonly nowMs: () => number
}

export function createSnmpAccesses({
  database: { db },
  journal,
  nowMs,
}: SnmpAccessesDependencies): SnmpAccesses {
  const write = (applianceId: string, make: (certificatePem: string | null) => string | null) =>
    journal.write(async ({ trx, desired }) => {
      const row = await trx
        .selectFrom('appliances')
        .select(['location_id', 'certificate_pem'])
        .where('id', '=', applianceId)
        .executeTakeFirst()
      const { location_id, certificate_pem } = found(row, 'appliance')
      await trx
        .updateTable('appliances')
        .set({ snmp_access: make(certificate_pem) })
        .where('id', '=', applianceId)
        .execute()
      for (const id of await refreshDesired(trx, location_id, nowMs())) desired(id)
    })

  return {
    standing: async (applianceId) => {
      const row = await db
        .selectFrom('appliances')
        .select(['snmp_access', 'certificate_pem'])
        .where('id', '=', applianceId)
        .executeTakeFirst()
      const canSeal = row !== undefined && row.certificate_pem !== null
      if (row === undefined || row.snmp_access === null) return { snmp: null, canSeal }
      const { kind, setBy, setAtMs } = storedSnmpOf(row.snmp_access)
      const user = await db.selectFrom('users').select('name').where('id', '=', setBy).executeTakeFirst()
      return { snmp: { kind, setByName: user?.name ?? setBy, setAtMs }, canSeal }
    },
    put: (applianceId, access, byUserId) =>
      write(applianceId, (certificatePem) => {
        if (certificatePem === null)
          throw new DirectoryError(
            'conflict',
            'The key of this appliance is not known here yet: it comes with the next renewal of its certificate, or claim it anew.',
          )
        const { kind, sealed } = sealAccess(certificatePem, access)
        const stored: StoredSnmp = { kind, sealed, setBy: byUserId, setAtMs: nowMs() }
        return JSON.stringify(stored)
      }),
    remove: (applianceId) => write(applianceId, () => null),
  }
}

function sealAccess(certificatePem: string, { kind, ...access }: SnmpAccess) {
  const isCommunity = 'community' in access
  try {
    const sealed = isCommunity
      ? seal(certificatePem, 'snmp-community', access.community)
      : seal(certificatePem, 'snmp-v3', JSON.stringify(access))
    return { kind, sealed }
  } catch {
    throw new DirectoryError(
      'conflict',
      'This cannot be sealed: its keys are too long, or the appliance’s key is of another kind.',
    )
  }
}
