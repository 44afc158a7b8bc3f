import { type UserRole, userRoles } from '@proactive/shared/http'

/** Who stands behind a request: a logged-in User. */
export interface Actor {
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly role: UserRole
  readonly organizationId: string
  readonly organizationName: string
  readonly teamIds: readonly string[]
  /** Of the Organization that runs this installation. */
  readonly isOperator: boolean
}

/**
 * Who may use a route; a route without a rule cannot be registered, what no rule allows is refused.
 * - `public`: anybody, also without a log-in.
 * - `role`: the least role a User needs.
 * - `location`: the path's `:id` is a Location in which the User's Organization has a stake (network data, ADR 011); others get 404.
 * - `appliance`: the same for the Location of the path's appliance `:id`.
 * - `programs`: also a program with a token of the helpdesk (`Bearer pxt_…`), without a session; the helpdesk judges the token and its scopes.
 * - `operator`: only Users of the Organization that runs this installation.
 */
export type AccessRule =
  | 'public'
  | {
      readonly role: UserRole
      readonly scope?: 'location' | 'appliance' | 'operator'
      readonly programs?: true
    }

/** Route option that every route must carry: `config: access({ role: 'viewer' })`. */
export function access(rule: AccessRule): { readonly access: AccessRule } {
  return { access: rule }
}

/** The rule a route was registered with; undefined = none, which nobody passes. */
export function accessRuleOf(config: unknown): AccessRule | undefined {
  if (typeof config !== 'object' || config === null || !('access' in config)) return undefined
  return config.access as AccessRule
}

/** Whether the role is enough; roles stand from least to most. */
export function hasRole(actor: Actor, least: UserRole): boolean {
  return userRoles.indexOf(actor.role) >= userRoles.indexOf(least)
}
