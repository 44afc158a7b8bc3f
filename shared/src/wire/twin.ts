import { z } from 'zod'
import { deviceIdSchema, deviceRoleSchema, networkSchema } from '../domain/device.ts'
import { counter, shortText, topicToken } from '../domain/text.ts'

/** A host name or address to connect to; never a URL. */
export const hostSchema = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9.:_-]+$/, 'a host name or IP address, nothing else')
export const portSchema = z.int().min(1).max(65_535)

/** A payment processor's front door. The agent does DNS, TCP and a TLS handshake, then hangs up; never card data. */
export const payPathSchema = z.strictObject({
  id: topicToken,
  name: shortText(80),
  host: hostSchema,
  port: portSchema,
  /** Terminals that pay by this path; empty = all of the Location. */
  deviceIds: z.array(deviceIdSchema).max(64),
})
export type PayPath = z.infer<typeof payPathSchema>

/** What a person said about a device; outranks what the agent guesses. */
export const deviceOverrideSchema = z.strictObject({
  deviceId: deviceIdSchema,
  role: deviceRoleSchema.optional(),
  name: shortText(80).optional(),
  vendor: shortText(80).optional(),
  model: shortText(80).optional(),
  isSleeper: z.boolean().optional(),
  /** TCP port whose opening shows that the device's service is alive; checked at most every 5 minutes, nothing is written to it. */
  servicePort: portSchema.optional(),
})
export type DeviceOverride = z.infer<typeof deviceOverrideSchema>

/** A user of SNMP v3 who reads with authentication and privacy (RFC 3414). */
export const snmpV3UserSchema = z.strictObject({
  user: shortText(32).min(1),
  authProtocol: z.enum(['md5', 'sha', 'sha256', 'sha512']),
  authKey: z.string().min(8).max(128),
  privProtocol: z.enum(['des', 'aes']),
  privKey: z.string().min(8).max(128),
})

/** Remote configuration. The agent refuses, item by item and with a reason, what its local limits forbid. */
export const agentConfigSchema = z.strictObject({
  telemetrySeconds: z.int().min(10).max(300),
  /** Only networks the appliance is attached to or was configured with on site are taken. */
  networks: z.array(networkSchema).max(16),
  payPaths: z.array(payPathSchema).max(8),
  /** Hosts that answer ICMP when the internet works. */
  internetTargets: z.array(hostSchema).max(8),
  /** Names a resolver must resolve when it works. */
  dnsNames: z.array(hostSchema).max(4),
  devices: z.array(deviceOverrideSchema).max(1_100),
  /**
   * What opens the router's SNMP, sealed to the appliance's key (base64); never echoed in `reported`. A community, or a user of v3 as JSON
   * ({@link snmpV3UserSchema}): the purpose it was sealed for tells which, and an appliance that knows communities only refuses the other in words.
   */
  sealedSnmpCommunity: z.base64().max(1_024).optional(),
})
export type AgentConfig = z.infer<typeof agentConfigSchema>

/** `desired`: what the cloud wants; stored relationally, sent after each subscribe, versions only grow. */
export const desiredSchema = z.strictObject({ v: z.literal(1), version: counter, config: agentConfigSchema })
export type Desired = z.infer<typeof desiredSchema>

/** `reported`: what is in force, and what was refused and why. */
export const reportedSchema = z.strictObject({
  v: z.literal(1),
  version: counter,
  config: agentConfigSchema.omit({ sealedSnmpCommunity: true }),
  refused: z.array(z.strictObject({ path: shortText(120), reason: shortText(200) })).max(64),
})
export type Reported = z.infer<typeof reportedSchema>
