import { z } from 'zod'

/** What opens SNMP at an appliance, as it is stored: sealed, with who set it. */
const storedSnmpSchema = z.object({
  kind: z.enum(['community', 'v3']),
  sealed: z.base64(),
  setBy: z.string(),
  /** Organization of `setBy` then; absent in what was sealed before it was kept. */
  setByOrganization: z.string().optional(),
  setAtMs: z.number(),
})
export type StoredSnmp = z.infer<typeof storedSnmpSchema>

/** Reads what is stored. @throws Error where it is not what was written. */
export function storedSnmpOf(text: string): StoredSnmp {
  return storedSnmpSchema.parse(JSON.parse(text))
}
