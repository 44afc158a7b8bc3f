import { toShortText } from '@proactive/shared'
import type { OpenIssue, RoutingRule } from '@proactive/shared/http'
import type { IncidentReport } from '../faults/model.ts'
import { articleUrl, categoriesByFaultClass } from './fault-articles.ts'

const maxCollaborators = 16
type RoutingMode = RoutingRule['mode']
/** Affected devices whose Teams are looked for; beyond that the Teams repeat. */
const maxDevicesLookedAt = 200

/** A device as far as its product can be told from it. */
export interface DeviceFacts {
  readonly deviceId: string
  readonly role: string
  readonly name?: string | undefined
  readonly vendor?: string | undefined
  readonly model?: string | undefined
}

/** Port: what the directory and the inventory know, needed to put an Issue on the right desk. */
export interface IssueFacts {
  /** The Location's devices as last reported, by id. */
  devices(locationId: string): Promise<ReadonlyMap<string, DeviceFacts>>
  productOf(locationId: string, device: DeviceFacts): Promise<{ id: string; name: string } | undefined>
  /** Name of a product of the Location; undefined where it has none such. */
  productName(locationId: string, productId: string): Promise<string | undefined>
  /** The Team that is responsible; undefined where not even a fallback rule stands. */
  route(
    locationId: string,
    question: { readonly productId?: string | undefined; readonly role?: string | undefined },
  ): Promise<
    | {
        readonly teamId: string
        readonly productId?: string | undefined
        /** Absent = collaborative. */
        readonly mode?: RoutingMode | undefined
      }
    | undefined
  >
}

/** Whose Issue it is, and who works on it beside. */
interface Responsibility {
  readonly ownerTeamId: string
  readonly collaboratorTeamIds: readonly string[]
}

/**
 * The Issue of an incident: owner Team = who is responsible for the root cause, collaborators = the Teams of what suffers from it.
 * Undefined where nobody is responsible: the Location lacks a fallback rule.
 */
export async function describeIssue(
  report: IncidentReport,
  facts: IssueFacts,
): Promise<OpenIssue | undefined> {
  const { locationId, rootDeviceId, rootRole } = report
  const devices = await facts.devices(locationId)
  const root =
    rootDeviceId === undefined
      ? undefined
      : (devices.get(rootDeviceId) ?? { deviceId: rootDeviceId, role: rootRole })
  const rootProduct = root === undefined ? undefined : await facts.productOf(locationId, root)
  const route = await facts.route(locationId, { productId: rootProduct?.id, role: root?.role ?? rootRole })
  if (route === undefined) return undefined
  const { ownerTeamId, collaboratorTeamIds } = await shareResponsibility(report, route, devices, facts)
  return {
    locationId,
    name: toShortText(report.headline, 200),
    ownerTeamId,
    collaboratorTeamIds: [...collaboratorTeamIds],
    ...(route.mode === undefined ? {} : { mode: route.mode }),
    product: await describeProduct(report, root, rootProduct, route.productId, facts),
    severity: report.severity,
    categories: [...categoriesByFaultClass[report.faultClass]],
    symptoms: cleanText(report.symptoms, 2_000),
    diagnosis: cleanText(report.diagnosis, 4_000),
    articleUrls: [articleUrl(report.faultClass)],
    proactive: {
      faultClass: report.faultClass,
      ...(rootDeviceId === undefined ? {} : { rootDeviceId }),
      affectedDeviceIds: report.affectedDeviceIds.slice(0, 1_100),
      startedAtMs: report.startedAtMs,
      evidenceUrl: `/locations/${locationId}?incident=${report.key}`,
    },
  }
}

/**
 * TSANet's three models. Collaborative: the cause's Team owns it, the Teams of what suffers work along. Solution: a warm transfer, the
 * cause's Team works alone. OEM: the Location's own support stays in front of the Customer and owns it, the cause's Team works behind it.
 */
async function shareResponsibility(
  report: IncidentReport,
  { teamId, mode }: { readonly teamId: string; readonly mode?: RoutingMode | undefined },
  devices: ReadonlyMap<string, DeviceFacts>,
  facts: IssueFacts,
): Promise<Responsibility> {
  switch (mode) {
    case 'solution':
      return { ownerTeamId: teamId, collaboratorTeamIds: [] }
    case 'oem': {
      const front = await facts.route(report.locationId, {})
      const ownerTeamId = front?.teamId ?? teamId
      return { ownerTeamId, collaboratorTeamIds: ownerTeamId === teamId ? [] : [teamId] }
    }
    default:
      return {
        ownerTeamId: teamId,
        collaboratorTeamIds: await collaborators(report, teamId, devices, facts),
      }
  }
}

/** The Location's product at fault, else "Not listed" with what it seems to be. */
async function describeProduct(
  { locationId, rootRole }: IncidentReport,
  root: DeviceFacts | undefined,
  rootProduct: { id: string; name: string } | undefined,
  ruleProductId: string | undefined,
  facts: IssueFacts,
): Promise<OpenIssue['product']> {
  if (rootProduct !== undefined) return listed(rootProduct.id, rootProduct.name)
  // No device, or one without product: the internet line and the processor are named by their rule.
  const ruleName =
    root === undefined && ruleProductId !== undefined
      ? await facts.productName(locationId, ruleProductId)
      : undefined
  if (ruleProductId !== undefined && ruleName !== undefined) return listed(ruleProductId, ruleName)
  const model = [root?.vendor, root?.model].filter((part) => part !== undefined && part !== '').join(' ')
  const suggestion = model === '' ? (root?.name ?? rootRole) : model
  return { kind: 'not-listed', name: toShortText(suggestion, 120) }
}

function listed(productId: string, name: string): OpenIssue['product'] {
  return { kind: 'listed', productId, name: toShortText(name, 120) }
}

/** Teams of the affected devices' products, each once, the owner not among them. */
async function collaborators(
  { locationId, affectedDeviceIds }: IncidentReport,
  ownerTeamId: string,
  devices: ReadonlyMap<string, DeviceFacts>,
  facts: IssueFacts,
): Promise<string[]> {
  const teamIds = new Set<string>()
  const asked = new Set<string>()
  for (const deviceId of affectedDeviceIds.slice(0, maxDevicesLookedAt)) {
    const device = devices.get(deviceId)
    if (device === undefined) continue
    const product = await facts.productOf(locationId, device)
    const question = { productId: product?.id, role: device.role }
    const asking = JSON.stringify(question)
    if (asked.has(asking)) continue
    asked.add(asking)
    const route = await facts.route(locationId, question)
    if (route !== undefined && route.teamId !== ownerTeamId) teamIds.add(route.teamId)
    if (teamIds.size >= maxCollaborators) break
  }
  return [...teamIds]
}

/** Keeps line breaks and tabs, drops other control characters, cuts. */
function cleanText(text: string, max: number): string {
  return text
    .slice(0, max)
    .replace(/[^\P{Cc}\t\n\r]/gu, ' ')
    .slice(0, max)
}
