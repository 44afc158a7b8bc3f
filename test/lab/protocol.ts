import { z } from 'zod'

const name = z.string().min(1).max(40)
const argv = z.array(z.string().max(65_536)).min(1).max(200)

/** What a program may ask of its lab. */
export const labRequestSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('status') }),
  z.strictObject({
    op: z.literal('fault'),
    name: z.string().max(40),
    args: z.array(z.string().max(40)).max(8),
  }),
  z.strictObject({
    op: z.literal('heal'),
    name: z.string().max(40),
    args: z.array(z.string().max(40)).max(8),
  }),
  z.strictObject({
    op: z.literal('spawn'),
    node: name,
    name,
    argv,
    env: z.record(z.string().max(200), z.string().max(32_768)),
    cwd: z.string().max(4_096),
    logFile: z.string().max(4_096),
  }),
  z.strictObject({ op: z.literal('kill'), name, signal: z.string().regex(/^SIG[A-Z0-9]+$/) }),
  z.strictObject({ op: z.literal('exec'), node: name, argv, timeoutMs: z.int().min(1).max(600_000) }),
])
export type LabRequest = z.infer<typeof labRequestSchema>

export const requestLineSchema = z.strictObject({ id: z.int(), request: labRequestSchema })

const exitSchema = z.strictObject({ code: z.int().nullable(), signal: z.string().nullable() })

/** What happens in the lab without being asked for at that moment. */
export const eventSchema = z.discriminatedUnion('kind', [
  /** A node lost or got power; its programs under test were killed, or were started again. */
  z.strictObject({ kind: z.literal('power'), node: name, isOn: z.boolean() }),
  /** A passing fault ended by itself. */
  z.strictObject({ kind: z.literal('passed'), name, argument: z.string() }),
  /** A program under test ended, other than by its node's loss of power. */
  z.strictObject({ kind: z.literal('exited'), name, exit: exitSchema }),
])
export type LabEvent = z.infer<typeof eventSchema>

export const hostLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready'), stages: z.record(z.string(), z.number()) }),
  z.strictObject({ kind: z.literal('failed'), reason: z.string() }),
  z.strictObject({ kind: z.literal('reply'), id: z.int(), value: z.unknown() }),
  /** The lab could not do it; `reason` is a sentence. */
  z.strictObject({ kind: z.literal('refusal'), id: z.int(), reason: z.string() }),
  z.strictObject({ kind: z.literal('event'), event: eventSchema }),
])
export type HostLine = z.infer<typeof hostLineSchema>

/** State of the lab now. Addresses are those given by DHCP or set by hand, null while a node has none. */
export const labStatusSchema = z.strictObject({
  nodes: z.array(
    z.strictObject({
      name,
      role: z.string(),
      mac: z.string(),
      address: z.string().nullable(),
      isOn: z.boolean(),
      isAsleep: z.boolean(),
    }),
  ),
  faults: z.array(z.strictObject({ name, argument: z.string(), sinceMs: z.number() })),
  processes: z.array(z.strictObject({ name, node: name, isRunning: z.boolean() })),
})
export type LabStatus = z.infer<typeof labStatusSchema>

export const execResultSchema = z.strictObject({ code: z.int(), stdout: z.string(), stderr: z.string() })
export const faultResultSchema = z.union([
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), reason: z.string() }),
])

/** What the lab's own process is started with. */
export const hostConfigSchema = z.strictObject({
  dataDir: z.string(),
  hasBackupUplink: z.boolean(),
  mqttSocket: z.string(),
  enrollSocket: z.string(),
  rebootMs: z.int().positive(),
  restartMs: z.int().positive(),
  roamMs: z.int().positive(),
})
export type HostConfig = z.infer<typeof hostConfigSchema>
