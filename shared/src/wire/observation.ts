import { z } from 'zod'
import { deviceIdSchema, deviceSchema, ipSchema, macSchema } from '../domain/device.ts'
import { faultClassSchema, payPathStageSchema } from '../domain/fault.ts'
import { counter, shortText, topicToken } from '../domain/text.ts'
import { laneStamp, timeStamp } from './lane.ts'

/** One measured fact behind an observation: what was asked, of whom, and the answer, e.g. `{ probe: 'arp', target: '192.0.2.1', answer: 'timeout' }`. */
export const evidenceSchema = z.strictObject({
  probe: z.enum([
    'arp',
    'icmp',
    'tcp',
    'tls',
    'dns',
    'dhcp',
    'snmp',
    'carrier',
    'clock',
    'uptime',
    'journal',
  ]),
  target: shortText(120),
  answer: z.enum(['reply', 'timeout', 'refused', 'unreachable', 'error', 'up', 'down', 'changed']),
  detail: shortText(160).optional(),
  atMs: counter,
})
export type Evidence = z.infer<typeof evidenceSchema>

/** One unit as it was known at the moment: what tells it from others of its kind. */
export const unitSchema = z.strictObject({
  deviceId: deviceIdSchema,
  mac: macSchema.optional(),
  ip: ipSchema.optional(),
  model: shortText(80).optional(),
  serial: shortText(80).optional(),
})
export type Unit = z.infer<typeof unitSchema>

const evidence = z.array(evidenceSchema).max(16)
const since = { sinceMs: counter, evidence }

/** A debounced change on site. The agent tells what it saw; what it means is the fault core's business. */
export const changeSchema = z.discriminatedUnion('type', [
  /** A device fell silent on every probe it normally answers (ARP included), after the retries. */
  z.strictObject({ type: z.literal('device-silent'), deviceId: deviceIdSchema, ...since }),
  z.strictObject({
    type: z.literal('device-answered'),
    deviceId: deviceIdSchema,
    silentMs: counter,
    evidence,
  }),
  /** It restarted: its uptime went back or its services came anew. */
  z.strictObject({
    type: z.literal('device-restarted'),
    deviceId: deviceIdSchema,
    uptimeMs: counter.optional(),
    evidence,
  }),
  /** Same device, other address or switch port. */
  z.strictObject({
    type: z.literal('device-moved'),
    deviceId: deviceIdSchema,
    from: shortText(80),
    to: shortText(80),
    evidence,
  }),
  z.strictObject({ type: z.literal('device-new'), device: deviceSchema, evidence }),
  /** Another unit stands where one stood: same place and model, other serial or MAC. The birth that follows leaves `before` out. */
  z.strictObject({ type: z.literal('device-replaced'), before: unitSchema, after: unitSchema, evidence }),
  /** Two devices turned out to be one: `goneId` is `deviceId` from now on. */
  z.strictObject({
    type: z.literal('devices-merged'),
    deviceId: deviceIdSchema,
    goneId: deviceIdSchema,
    evidence,
  }),
  /** What a managed device says of itself by SNMP: a printer's error state, power from a battery, ports at half duplex; no faults = well again. */
  z.strictObject({
    type: z.literal('equipment-changed'),
    deviceId: deviceIdSchema,
    aspect: z.enum(['printer', 'power', 'port']),
    faults: z.array(shortText(60)).max(16),
    ...since,
  }),
  /** Two MAC addresses answer for one IP address. */
  z.strictObject({
    type: z.literal('ip-conflict'),
    ip: ipSchema,
    macs: z.array(macSchema).min(2).max(8),
    isActive: z.boolean(),
    evidence,
  }),
  /** Carrier of one of the appliance's own interfaces. */
  z.strictObject({
    type: z.literal('link-changed'),
    interface: shortText(32),
    uplinkId: topicToken.optional(),
    hasCarrier: z.boolean(),
    ...since,
  }),
  /** The default gateway of an uplink answers or not (ARP and ICMP together). */
  z.strictObject({
    type: z.literal('gateway-changed'),
    uplinkId: topicToken,
    deviceId: deviceIdSchema.optional(),
    isReachable: z.boolean(),
    ...since,
  }),
  /** The internet behind an uplink. `firstHop` = the provider's first hop answers; `wanLink` = the router's WAN interface is up (SNMP), null where unknown. */
  z.strictObject({
    type: z.literal('wan-changed'),
    uplinkId: topicToken,
    state: z.enum(['up', 'degraded', 'down']),
    firstHop: z.boolean().nullable(),
    wanLink: z.boolean().nullable(),
    lossRatio: z.number().min(0).max(1).optional(),
    ...since,
  }),
  /** The address that the cloud sees this uplink come from; told at the first connection after it changed. */
  z.strictObject({
    type: z.literal('public-address-changed'),
    uplinkId: topicToken,
    before: ipSchema,
    after: ipSchema,
    evidence,
  }),
  z.strictObject({
    type: z.literal('dns-changed'),
    resolver: shortText(80),
    isAnswering: z.boolean(),
    otherResolverAnswers: z.boolean().nullable(),
    ...since,
  }),
  z.strictObject({
    type: z.literal('dhcp-changed'),
    server: shortText(80),
    isAnswering: z.boolean(),
    ...since,
  }),
  /** The way to a payment processor; `stage` = first failing stage, `none` = works again. */
  z.strictObject({
    type: z.literal('paypath-changed'),
    targetId: topicToken,
    stage: payPathStageSchema,
    ...since,
  }),
  /** The wall clock became trusted, or stepped. */
  z.strictObject({
    type: z.literal('clock-changed'),
    state: z.enum(['synced', 'unsynced']),
    stepMs: z.number(),
    evidence,
  }),
  /** The agent started: how its last run ended, as far as it can tell from its journal and the kernel's boot id. */
  z.strictObject({
    type: z.literal('agent-started'),
    previousEnd: z.enum(['first-start', 'clean', 'killed', 'reboot', 'power-loss', 'unknown']),
    /** From the last sign of life of the previous run to this start; null where the clock cannot tell. */
    downMs: counter.nullable(),
    evidence,
  }),
  /** The flight recorder's judgement of a time without the cloud, made on site; closes the question "why was it dark". */
  z.strictObject({
    type: z.literal('verdict'),
    cause: faultClassSchema,
    fromMs: counter,
    toMs: counter.nullable(),
    deviceId: deviceIdSchema.optional(),
    evidence,
  }),
])
export type Change = z.infer<typeof changeSchema>
export type ChangeType = Change['type']

/** One change, sent at once on the live lane. */
export const observationSchema = z.strictObject({
  v: z.literal(1),
  ...laneStamp,
  ...timeStamp,
  change: changeSchema,
})
export type Observation = z.infer<typeof observationSchema>
