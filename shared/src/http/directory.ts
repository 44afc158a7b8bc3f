import { z } from 'zod'
import { deviceIdSchema, deviceRoleSchema } from '../domain/device.ts'
import { counter, epochMs, longText, shortText, topicToken } from '../domain/text.ts'
import { agentConfigSchema, reportedSchema, snmpV3UserSchema } from '../wire/twin.ts'
import { userRoleSchema } from './session.ts'

export const organizationSchema = z.object({ id: topicToken, name: shortText(120) })
export type Organization = z.infer<typeof organizationSchema>

export const teamSchema = z.object({
  id: topicToken,
  organizationId: topicToken,
  name: shortText(120),
  line: z.union([z.literal(1), z.literal(2)]),
})
export type Team = z.infer<typeof teamSchema>

/** A person of an Organization; the password hash never leaves ingest. */
export const userSchema = z.object({
  id: topicToken,
  organizationId: topicToken,
  teamIds: z.array(topicToken).max(64),
  name: shortText(120),
  email: shortText(200),
  role: userRoleSchema,
})
export type User = z.infer<typeof userSchema>

export const customerSchema = z.object({ id: topicToken, name: shortText(120), number: shortText(40) })
export type Customer = z.infer<typeof customerSchema>

/** `HH:MM`, local time of the Location. */
export const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/)
/** Opening hours a week: weekday 1 = Monday … 7 = Sunday (ISO 8601); `holidays` are closed days, `YYYY-MM-DD`. */
export const calendarSchema = z.object({
  openings: z
    .array(z.object({ weekday: z.int().min(1).max(7), from: timeOfDaySchema, to: timeOfDaySchema }))
    .max(50),
  holidays: z.array(z.iso.date()).max(400),
})
export type Calendar = z.infer<typeof calendarSchema>

export const locationSchema = z.object({
  id: topicToken,
  customerId: topicToken,
  name: shortText(120),
  address: shortText(200).optional(),
  /** IANA time zone, e.g. `Europe/Berlin`. */
  timeZone: shortText(60),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  calendar: calendarSchema,
})
export type Location = z.infer<typeof locationSchema>

/** An Organization with a stake in a Location sees its network data (ADR 011). */
export const stakeSchema = z.object({
  locationId: topicToken,
  organizationId: topicToken,
  kind: z.enum(['pos', 'network', 'software', 'seller', 'support', 'payments']),
})
export type Stake = z.infer<typeof stakeSchema>

/** A product at a Location, e.g. "Verifone Vx520"; its devices are what the agent found and a technician confirmed. */
export const productSchema = z.object({
  id: topicToken,
  locationId: topicToken,
  name: shortText(120),
  role: deviceRoleSchema,
  deviceIds: z.array(deviceIdSchema).max(1_100),
})
export type Product = z.infer<typeof productSchema>

/** How responsibility is shared: the owner alone works it (solution), with the first Team (collaborative), or hidden behind it (OEM). TSANet's three models. */
export const routingModes = ['collaborative', 'solution', 'oem'] as const
/** One line of the routing table. The most telling match wins: product, then role, then fallback (both absent; one per Location). */
export const routingRuleSchema = z.object({
  id: topicToken,
  locationId: topicToken,
  productId: topicToken.optional(),
  role: z.union([deviceRoleSchema, z.enum(['internet', 'payment-processor', 'appliance'])]).optional(),
  organizationId: topicToken,
  teamId: topicToken,
  mode: z.enum(routingModes),
})
export type RoutingRule = z.infer<typeof routingRuleSchema>

export const applianceSchema = z.object({
  id: topicToken,
  locationId: topicToken,
  claimedAtMs: epochMs,
  certificateNotAfterMs: epochMs,
  revokedAtMs: epochMs.optional(),
})
export type Appliance = z.infer<typeof applianceSchema>

/** One change of the directory as the helpdesk's read copy receives it: the whole object, or its id where it is gone. */
export const directoryEntitySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('organization'), value: organizationSchema }),
  z.object({ type: z.literal('team'), value: teamSchema }),
  z.object({ type: z.literal('user'), value: userSchema }),
  z.object({ type: z.literal('customer'), value: customerSchema }),
  z.object({ type: z.literal('location'), value: locationSchema }),
  z.object({ type: z.literal('stake'), value: stakeSchema }),
  z.object({ type: z.literal('product'), value: productSchema }),
  z.object({ type: z.literal('removed'), value: z.object({ entity: shortText(40), id: shortText(140) }) }),
])
export type DirectoryEntity = z.infer<typeof directoryEntitySchema>

/** `POST /api/directory/changes` of the helpdesk (service actor only). Cursors grow; what is at or below the copy's cursor is skipped, so a resend is harmless. */
export const directoryChangesSchema = z.strictObject({
  changes: z.array(z.strictObject({ cursor: counter, entity: directoryEntitySchema })).max(500),
})
export type DirectoryChanges = z.infer<typeof directoryChangesSchema>
/** Answer, and `GET /api/directory/cursor`: the newest change the copy holds. */
export const directoryCursorSchema = z.object({ cursor: counter })

/** `POST /api/locations/:id/claims` (technician): a one-use claim token bound to the Location, 24 h. */
export const claimSchema = z.object({
  /** base64url of {@link claimBundleSchema}'s JSON; what a technician types, pastes or scans. Shown once. */
  bundle: z.string(),
  locationId: topicToken,
  expiresAtMs: epochMs,
})
export type Claim = z.infer<typeof claimSchema>

/** A new password: at least 12 characters (NIST SP 800-63B asks for 8 and for no rules about their kind). */
export const newPasswordSchema = z.string().min(12, 'at least 12 characters').max(200)

/** A link by which a User chooses a password: the page is `/password#<token>`. Shown once, good once. */
export const passwordLinkSchema = z.object({ token: z.string(), expiresAtMs: epochMs })
export type PasswordLink = z.infer<typeof passwordLinkSchema>

/** `POST /api/organizations` (admin of the operator): ids of what is made are ingest's. */
export const createOrganizationSchema = z.strictObject({ name: shortText(120).min(1) })
/** `POST /api/teams` (admin, own Organization; the operator's for all). */
export const createTeamSchema = z.strictObject({
  organizationId: topicToken,
  name: shortText(120).min(1),
  line: teamSchema.shape.line,
})
/** `POST /api/users` (admin, own Organization; the operator's for all). */
export const createUserSchema = z.strictObject({
  organizationId: topicToken,
  teamIds: z.array(topicToken).max(64),
  name: shortText(120).min(1),
  email: z.email().max(200),
  role: userRoleSchema,
  /** Absent: there is none; the User gets a link to choose one by, or logs in at a provider. */
  password: newPasswordSchema.optional(),
})
/**
 * `PUT /api/users/:userId` (admin, own Organization; the operator's for all): absent password = as it is; a new one ends their sessions. With another
 * address, not of whoever asks, the User is somebody else's: without a new password the old one opens nothing. Nobody changes the own role.
 */
export const writeUserSchema = z.strictObject(createUserSchema.omit({ organizationId: true }).shape)
/** What both answer: the link is there where the User has no password from now on. `POST /api/users/:userId/password-link` makes another one. */
export const writtenUserSchema = userSchema.extend({ passwordLink: passwordLinkSchema.optional() })
export type WrittenUser = z.infer<typeof writtenUserSchema>
/** `POST /api/customers` (admin of the operator): the same number answers the same Customer, 201 made, 200 existed. */
export const createCustomerSchema = z.strictObject({
  name: shortText(120).min(1),
  number: shortText(40).min(1),
})
/** `POST /api/locations` (admin of the operator, which gets a support stake), `PUT /api/locations/:id`. */
export const writeLocationSchema = z.strictObject({
  ...locationSchema.omit({ id: true }).shape,
  name: shortText(120).min(1),
  hasBackupUplink: z.boolean().optional(),
})
/** `GET /api/locations/:id/record` (admin of the operator): a Location as it is written, for its form. */
export const locationRecordSchema = writeLocationSchema.extend({ hasBackupUplink: z.boolean() })
/** `POST` and `DELETE /api/locations/:id/stakes` (admin of the operator). */
export const writeStakeSchema = z.strictObject({ organizationId: topicToken, kind: stakeSchema.shape.kind })
/** `POST /api/locations/:id/products` (admin of the operator). */
export const createProductSchema = z.strictObject({ name: shortText(120).min(1), role: deviceRoleSchema })
/** `POST /api/locations/:id/rules` (admin of the operator). */
export const createRoutingRuleSchema = z.strictObject(
  routingRuleSchema.omit({ id: true, locationId: true }).shape,
)
/** `GET` and `PUT /api/locations/:id/agent-config`: what every appliance of the Location shall do; devices come from what technicians confirm. */
export const locationAgentConfigSchema = agentConfigSchema.omit({ devices: true, sealedSnmpCommunity: true })
export type LocationAgentConfig = z.infer<typeof locationAgentConfigSchema>

/** `GET /api/appliances` (viewer): every appliance of the Locations with a stake, the newest claim first. */
export const fleetApplianceSchema = applianceSchema.extend({
  locationName: shortText(120),
  /** Newest version of its configuration that the cloud wants; null before the first. */
  desiredVersion: counter.nullable(),
  /** The one in force, as it says itself, and how many items of it were refused. */
  reportedVersion: counter.nullable(),
  refusedCount: z.int(),
})
export type FleetAppliance = z.infer<typeof fleetApplianceSchema>
export const fleetSchema = z.object({ items: z.array(fleetApplianceSchema) })

/**
 * `PUT /api/appliances/:id/snmp` (admin of an Organization that runs the Location's network, or that sealed what stands): what opens the router's SNMP there.
 * Sealed to the appliance's key when it comes in; never answered. `DELETE` takes it away.
 */
export const snmpAccessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('community'), community: shortText(64).min(1) }),
  z.strictObject({ kind: z.literal('v3'), ...snmpV3UserSchema.shape }),
])
export type SnmpAccess = z.infer<typeof snmpAccessSchema>
/** What is known of it afterwards. */
export const sealedSnmpSchema = z.object({
  kind: z.enum(['community', 'v3']),
  setByName: shortText(120),
  setAtMs: epochMs,
})
export type SealedSnmp = z.infer<typeof sealedSnmpSchema>

/** `GET /api/appliances/:id/config` (technician): what is wanted beside what is in force; sealed secrets are in neither. */
export const applianceConfigSchema = z.object({
  /** What the cloud sealed for it; null = what was set on site holds. `reported.refused` has the path `sealedSnmpCommunity` where it does not open. */
  snmp: sealedSnmpSchema.nullable(),
  /** Whether its key is known here, without which nothing can be sealed. */
  canSeal: z.boolean(),
  /** Whether the Organization of whoever asks may say what opens SNMP here; its admins do (ADR 125). */
  mayChange: z.boolean(),
  /** Names of the Organizations that may. */
  keeperNames: z.array(shortText(120)),
  desired: z
    .object({ version: counter, config: agentConfigSchema.omit({ sealedSnmpCommunity: true }) })
    .nullable(),
  reported: reportedSchema.omit({ v: true }).nullable(),
})
export type ApplianceConfig = z.infer<typeof applianceConfigSchema>

/** `GET /api/audit` (admin of the operator): who did what, newest first. */
export const auditQuerySchema = z.strictObject({
  beforeMs: z.coerce.number().int().min(0).optional(),
  subject: shortText(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export const auditTrailSchema = z.object({
  items: z.array(
    z.object({
      id: topicToken,
      atMs: epochMs,
      actor: shortText(140),
      /** Present where the actor is a User. */
      actorName: shortText(120).optional(),
      action: shortText(40),
      subject: shortText(200),
      outcome: z.enum(['done', 'refused', 'failed']),
      address: shortText(80),
      detail: longText(500),
    }),
  ),
})
export type AuditTrail = z.infer<typeof auditTrailSchema>
