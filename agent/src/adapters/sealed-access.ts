import { snmpV3UserSchema } from '@proactive/shared'
import { unseal } from '@proactive/shared/codec'
import type { SnmpAccess } from '../ports/index.ts'

/** What the cloud sealed to this appliance's key: a community, or a user of v3 (ADR 099). Undefined = it was sealed to another key, or says nothing we know. */
export function openSealedAccess(keyPem: string, sealed: string): SnmpAccess | undefined {
  const community = unseal(keyPem, 'snmp-community', sealed)
  if (community !== undefined) return { community }
  const text = unseal(keyPem, 'snmp-v3', sealed)
  const user = text === undefined ? undefined : snmpV3UserSchema.safeParse(parseJson(text))
  return user?.success === true ? { community: '', v3: user.data } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
