import { z } from 'zod'
import { shortText, topicToken } from './text.ts'

/** What a device is for at a Location. */
export const deviceRoles = [
  'router',
  'firewall',
  'switch',
  'access-point',
  'modem',
  'pos-terminal',
  'pos-workstation',
  'printer',
  'ups',
  'pdu',
  'environment',
  'camera',
  'phone',
  'server',
  'storage',
  'workstation',
  'mobile',
  'iot',
  'unknown',
] as const
export const deviceRoleSchema = z.enum(deviceRoles)
export type DeviceRole = z.infer<typeof deviceRoleSchema>

/** A MAC address, lower-case with colons (IEEE 802). */
export const macSchema = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)

/** An IP address in canonical text (IPv4 dotted quad, or IPv6 as RFC 5952). */
export const ipSchema = z.union([z.ipv4(), z.ipv6()])

/** A subnet the agent may look at; never larger than /22. */
export const networkSchema = z.cidrv4().refine((cidr) => Number(cidr.split('/')[1]) >= 22, {
  message: 'a network must be /22 or smaller: split it, or name the part with the devices in it',
})

/** Stable device id from evidence (never its IP address); a topic token. */
export const deviceIdSchema = topicToken

/** One reason to believe something about a device: where it came from and what it said (attacker-controlled text). */
export const deviceEvidenceSchema = z.strictObject({
  source: z.enum([
    'oui',
    'dhcp',
    'mdns',
    'ssdp',
    'snmp',
    'service',
    'banner',
    'lldp',
    'neighbor',
    'dns',
    'config',
    'technician',
  ]),
  key: shortText(40),
  value: shortText(200),
})
export type DeviceEvidence = z.infer<typeof deviceEvidenceSchema>

/**
 * The switch or access point that a device's frames come through, as that one's own tables say: `port` is the port of the switch (RFC 4188 dot1dTpFdbPort).
 * Absent = nobody could tell, which is no statement that it hangs on the router.
 */
export const attachmentSchema = z.strictObject({
  deviceId: deviceIdSchema,
  port: z.int().min(1).max(65_535).optional(),
})
export type Attachment = z.infer<typeof attachmentSchema>

/** A device of the inventory as the agent tells it. A model is named only where evidence carries it. */
export const deviceSchema = z.strictObject({
  /** Short number that stands for the device in telemetry rows, as the last birth told; given again only after the device is forgotten. */
  alias: z.int().min(1).max(65_535),
  id: deviceIdSchema,
  role: deviceRoleSchema,
  name: shortText(80).optional(),
  vendor: shortText(80).optional(),
  model: shortText(80).optional(),
  version: shortText(80).optional(),
  serial: shortText(80).optional(),
  /** 0..1, of role and product together. */
  confidence: z.number().min(0).max(1),
  ips: z.array(ipSchema).max(16),
  macs: z.array(macSchema).max(16),
  /** Whether it is expected to fall silent when idle (battery terminals); changes how absence is judged, never whether it is measured. */
  isSleeper: z.boolean(),
  isGateway: z.boolean(),
  firstSeenMs: z.int(),
  attachedTo: attachmentSchema.optional(),
  evidence: z.array(deviceEvidenceSchema).max(40),
})
export type Device = z.infer<typeof deviceSchema>
