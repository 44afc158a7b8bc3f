import type { SealedSnmp, SnmpAccess } from '@proactive/shared/http'
import { seal } from '@proactive/shared/codec'
import type { Database } from '../db/database.ts'
import { refreshDesired } from './desired.ts'
import { DirectoryError, found } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import { snmpRightAt, type SnmpRight } from './snmp-right.ts'
import { type StoredSnmp, storedSnmpOf } from './stored-snmp.ts'

/** What opens SNMP at appliances: sealed to each one's key when it comes in, and nobody's to read from then on (ADR 052, 099). */
export interface SnmpAccesses {
  /** What was sealed for the appliance, whether something can be, and whether the Organization that asks has the right to. */
  standing(applianceId: string, askingOrganizationId: string): Promise<SnmpStanding>
  /** Seals it and puts it into the appliance's configuration. @throws DirectoryError without the right, where its key is not known yet, or the text is too long. */
  put(applianceId: string, access: SnmpAccess, by: SnmpKeeper): Promise<void>
  /** What was set on site holds again. @throws DirectoryError without the right. */
  remove(applianceId: string, by: SnmpKeeper): Promise<void>
}

export interface SnmpStanding extends SnmpRight {
  readonly snmp: SealedSnmp | null
  readonly canSeal: boolean
}

/** Who changes it. */
export interface SnmpKeeper {
  readonly userId: string
  readonly organizationId: string
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
  const write = (
    applianceId: string,
    { organizationId }: SnmpKeeper,
    make: (certificatePem: string | null) => string | null,
  ) =>
    journal.write(async ({ trx, desired }) => {
      const row = await trx
        .selectFrom('appliances')
        .select(['location_id', 'certificate_pem', 'snmp_access'])
        .where('id', '=', applianceId)
        .executeTakeFirst()
      const { location_id, certificate_pem, snmp_access } = found(row, 'appliance')
      const standing = snmp_access === null ? undefined : storedSnmpOf(snmp_access)
      const { mayChange, keeperNames } = await snmpRightAt(trx, location_id, standing, organizationId)
      if (!mayChange)
        throw new DirectoryError(
          'forbidden',
          `What opens SNMP here is with the admins of ${keeperNames.join(', ')}: ask one of them.`,
        )
      await trx
        .updateTable('appliances')
        .set({ snmp_access: make(certificate_pem) })
        .where('id', '=', applianceId)
        .execute()
      for (const id of await refreshDesired(trx, location_id, nowMs())) desired(id)
    })

  return {
    standing: async (applianceId, askingOrganizationId) => {
      const row = await db
        .selectFrom('appliances')
        .select(['location_id', 'snmp_access', 'certificate_pem'])
        .where('id', '=', applianceId)
        .executeTakeFirst()
      const { location_id, snmp_access, certificate_pem } = found(row, 'appliance')
      const stored = snmp_access === null ? undefined : storedSnmpOf(snmp_access)
      const right = await snmpRightAt(db, location_id, stored, askingOrganizationId)
      const canSeal = certificate_pem !== null
      if (stored === undefined) return { snmp: null, canSeal, ...right }
      const { kind, setBy, setAtMs } = stored
      const user = await db.selectFrom('users').select('name').where('id', '=', setBy).executeTakeFirst()
      return { snmp: { kind, setByName: user?.name ?? setBy, setAtMs }, canSeal, ...right }
    },
    put: (applianceId, access, by) =>
      write(applianceId, by, (certificatePem) => {
        if (certificatePem === null)
          throw new DirectoryError(
            'conflict',
            'The key of this appliance is not known here yet: it comes with the next renewal of its certificate, or claim it anew.',
          )
        const { kind, sealed } = sealAccess(certificatePem, access)
        const stored: StoredSnmp = {
          kind,
          sealed,
          setBy: by.userId,
          setByOrganization: by.organizationId,
          setAtMs: nowMs(),
        }
        return JSON.stringify(stored)
      }),
    remove: (applianceId, by) => write(applianceId, by, () => null),
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
