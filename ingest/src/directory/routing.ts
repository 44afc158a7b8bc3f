import type { RoutingRule } from '@proactive/shared/http'
import { routingRuleSchema } from '@proactive/shared/http'
import type { Database } from '../db/database.ts'
import { DirectoryError, found } from './errors.ts'
import type { DirectoryJournal } from './journal.ts'
import { pickRoute } from './pick-route.ts'
import type { RoutingRuleRow } from './tables.ts'

/** Which desk a fault belongs to. */
export interface Route {
  readonly organizationId: string
  readonly teamId: string
  readonly mode: RoutingRule['mode']
  /** The product the rule names, where it names one. */
  readonly productId?: string | undefined
}

/** A rule with the names people read. */
export type Responsibility = RoutingRule & { organizationName: string; teamName: string }

export interface Routing {
  rules(locationId: string): Promise<RoutingRule[]>
  responsibilities(locationId: string): Promise<Responsibility[]>
  /** @throws DirectoryError where the Team is not of the Organization, or a second fallback would stand. */
  putRule(rule: RoutingRule): Promise<void>
  removeRule(locationId: string, ruleId: string): Promise<void>
  /** The most telling rule: product, then role, then the Location's fallback; undefined where not even that stands. */
  resolveRoute(
    locationId: string,
    question: { readonly productId?: string | undefined; readonly role?: string | undefined },
  ): Promise<Route | undefined>
}

export interface RoutingDependencies {
  readonly database: Database
  readonly journal: DirectoryJournal
}

export function createRouting({ database: { db }, journal }: RoutingDependencies): Routing {
  async function rules(locationId: string): Promise<RoutingRule[]> {
    const rows = await db
      .selectFrom('routing_rules')
      .selectAll()
      .where('location_id', '=', locationId)
      .orderBy('id')
      .execute()
    return rows.map(toRule)
  }

  return {
    rules,
    responsibilities: async (locationId) => {
      const rows = await db
        .selectFrom('routing_rules')
        .innerJoin('organizations', 'organizations.id', 'routing_rules.organization_id')
        .innerJoin('teams', 'teams.id', 'routing_rules.team_id')
        .selectAll('routing_rules')
        .select(['organizations.name as organization_name', 'teams.name as team_name'])
        .where('location_id', '=', locationId)
        .orderBy('routing_rules.id')
        .execute()
      return rows.map((row) => ({
        ...toRule(row),
        organizationName: row.organization_name,
        teamName: row.team_name,
      }))
    },
    putRule: (rule) =>
      journal.write(async ({ trx }) => {
        const location = trx.selectFrom('locations').select('id').where('id', '=', rule.locationId)
        found(await location.executeTakeFirst(), 'Location')
        const team = await trx
          .selectFrom('teams')
          .select('organization_id')
          .where('id', '=', rule.teamId)
          .executeTakeFirst()
        if (found(team, 'Team').organization_id !== rule.organizationId)
          throw new DirectoryError('conflict', 'The Team is not of this Organization.')
        if (rule.productId !== undefined) {
          const product = await trx
            .selectFrom('products')
            .select('location_id')
            .where('id', '=', rule.productId)
            .executeTakeFirst()
          if (product?.location_id !== rule.locationId)
            throw new DirectoryError('not-found', 'There is no such product at this Location.')
        }
        const same = await trx
          .selectFrom('routing_rules')
          .select('id')
          .where('location_id', '=', rule.locationId)
          .where('product_id', rule.productId === undefined ? 'is' : '=', rule.productId ?? null)
          .where('role', rule.role === undefined ? 'is' : '=', rule.role ?? null)
          .where('id', '!=', rule.id)
          .executeTakeFirst()
        if (same !== undefined)
          throw new DirectoryError('conflict', `The rule ${same.id} already covers this: change that one.`)
        const row = {
          location_id: rule.locationId,
          product_id: rule.productId ?? null,
          role: rule.role ?? null,
          organization_id: rule.organizationId,
          team_id: rule.teamId,
          mode: rule.mode,
        }
        await trx
          .insertInto('routing_rules')
          .values({ id: rule.id, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute()
      }),
    removeRule: (locationId, ruleId) =>
      journal.write(async ({ trx }) => {
        await trx
          .deleteFrom('routing_rules')
          .where('id', '=', ruleId)
          .where('location_id', '=', locationId)
          .execute()
      }),
    resolveRoute: async (locationId, question) => {
      const rule = pickRoute(await rules(locationId), question)
      if (rule === undefined) return undefined
      const { organizationId, teamId, mode, productId } = rule
      return { organizationId, teamId, mode, productId }
    },
  }
}

function toRule(row: RoutingRuleRow): RoutingRule {
  return routingRuleSchema.parse({
    id: row.id,
    locationId: row.location_id,
    ...(row.product_id === null ? {} : { productId: row.product_id }),
    ...(row.role === null ? {} : { role: row.role }),
    organizationId: row.organization_id,
    teamId: row.team_id,
    mode: row.mode,
  })
}
