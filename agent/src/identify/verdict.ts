import type { DeviceRole } from '@proactive/shared'

/** What evidence says a device is. Vendor, model, version and serial only where the evidence carries them. */
export interface Verdict {
  readonly role: DeviceRole
  readonly vendor?: string
  readonly model?: string
  readonly version?: string
  readonly serial?: string
  /** 0..1, of role and product together. */
  readonly confidence: number
  /** Why, in sentences a technician can check. */
  readonly evidence: readonly string[]
}

/** One line, no runs of blanks, no longer than a label. */
export const tidy = (text: string): string =>
  text.replaceAll('\n', ' ').replace(/ {2,}/g, ' ').trim().slice(0, 80)
