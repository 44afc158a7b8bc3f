import { z } from 'zod'
import { deviceIdSchema, deviceRoleSchema, deviceSchema, ipSchema, networkSchema } from '../domain/device.ts'
import { counter, shortText, topicToken } from '../domain/text.ts'
import { bootEpochSchema, timeStamp } from './lane.ts'

/** One way out of the Location, in order of preference. */
export const uplinkSchema = z.strictObject({
  id: topicToken,
  kind: z.enum(['primary', 'backup']),
  interface: shortText(32),
  hasCarrier: z.boolean(),
  gateway: ipSchema.optional(),
  /** The provider's first router behind the gateway, where it is known and answers: Locations that share it share a provider. */
  firstHop: ipSchema.optional(),
  /** Where the cloud saw it come from last, where that is an address of the internet. */
  publicAddress: ipSchema.optional(),
})
export type Uplink = z.infer<typeof uplinkSchema>

/** Something watched that is no LAN device: an internet target, a resolver, a payment processor. `alias` stands for it in telemetry rows. */
export const watchedTargetSchema = z.strictObject({
  alias: z.int().min(1).max(65_535),
  id: topicToken,
  kind: z.enum(['wan', 'dns', 'paypath']),
  name: shortText(120),
})
export type WatchedTarget = z.infer<typeof watchedTargetSchema>

/** Most interfaces that one appliance tells of. */
export const maxInterfaces = 512

/** The largest `ifIndex` there is (RFC 2863 §6, InterfaceIndex). */
export const maxInterfaceIndex = 2_147_483_647

/** One network interface of a router or switch, as it tells by SNMP (RFC 2863). `alias` stands for it in telemetry rows of family `interface`. */
export const deviceInterfaceSchema = z.strictObject({
  alias: z.int().min(1).max(65_535),
  /** Subject of its measurements: the device's id and the interface's number. */
  id: topicToken,
  deviceId: deviceIdSchema,
  /** `ifIndex`: the device's own number for it. */
  index: z.int().min(1).max(maxInterfaceIndex),
  /** `ifName`, e.g. `ge-0/0/1`; text of the device. */
  name: shortText(60),
  /** `ifAlias`: what people at the device called it. */
  note: shortText(60).optional(),
})
export type DeviceInterface = z.infer<typeof deviceInterfaceSchema>

/**
 * The whole inventory with the aliases of telemetry rows; sent after each connect, on change and on request.
 * It is acknowledged before any batch that uses a new alias leaves, so a reader of the log never meets an unknown alias. Later births replace earlier ones.
 */
export const birthSchema = z.strictObject({
  v: z.literal(1),
  bootEpoch: bootEpochSchema,
  ...timeStamp,
  agentVersion: shortText(40),
  hardware: shortText(120).optional(),
  networks: z.array(networkSchema).max(16),
  uplinks: z.array(uplinkSchema).max(8),
  /** Version of the desired configuration in force, 0 before the first. */
  desiredVersion: counter,
  devices: z.array(deviceSchema).max(1_100),
  targets: z.array(watchedTargetSchema).max(64),
  interfaces: z.array(deviceInterfaceSchema).max(maxInterfaces).optional(),
  /** Devices forgotten lately: rows that were measured before, and wait on the appliance, still bear their aliases. */
  retired: z
    .array(z.strictObject({ alias: deviceSchema.shape.alias, id: deviceIdSchema, role: deviceRoleSchema }))
    .max(256)
    .optional(),
})
export type Birth = z.infer<typeof birthSchema>
