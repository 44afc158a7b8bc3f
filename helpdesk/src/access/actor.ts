import { type UserRole, userRoles } from '@proactive/shared/http'

/** Who stands behind a request. Ingest is the only issuer (ADR 014). */
export type Actor =
  | {
      readonly kind: 'user'
      readonly id: string
      readonly name: string
      readonly role: UserRole
      readonly organizationId: string
      readonly teamIds: readonly string[]
      /** Present for a program's token: all it may do; a person may what the role allows. */
      readonly scopes?: ReadonlySet<string>
    }
  | { readonly kind: 'customer'; readonly id: string; readonly name: string; readonly customerId: string }
  | { readonly kind: 'service'; readonly id: 'ingest'; readonly name: string }
export type UserActor = Extract<Actor, { kind: 'user' }>
export type ServiceActor = Extract<Actor, { kind: 'service' }>
export type CustomerActor = Extract<Actor, { kind: 'customer' }>

/**
 * Who may use a route at all; a route without a rule is refused when it is registered.
 * `users` names the least role; what is absent is denied.
 */
export type AccessRule =
  | 'public'
  /** `scope` = what a program's token needs; without one no program passes. */
  | { readonly users: UserRole; readonly scope?: string }
  | { readonly service: true }
  | { readonly customers: true }

/** Whether the role is at least `least` (viewer < agent < technician < admin). */
export function hasRole(role: UserRole, least: UserRole): boolean {
  return userRoles.indexOf(role) >= userRoles.indexOf(least)
}

/** Whether the rule lets this actor in. What it may see behind the door is decided per Issue. */
export function allows(rule: AccessRule, actor: Actor): boolean {
  if (rule === 'public') return true
  if ('service' in rule) return actor.kind === 'service'
  if ('customers' in rule) return actor.kind === 'customer'
  if (actor.kind !== 'user' || !hasRole(actor.role, rule.users)) return false
  return actor.scopes === undefined || (rule.scope !== undefined && actor.scopes.has(rule.scope))
}

/** What decides about an Issue's visibility. */
export interface IssueParties {
  readonly ownerOrganizationId: string
  readonly organizationIds: readonly string[]
}

/** Owner and collaborating Organizations see an Issue; everybody else is told that there is none. */
export function maySee(actor: Actor, issue: IssueParties): boolean {
  if (actor.kind === 'customer') return false
  return actor.kind === 'service' || issue.organizationIds.includes(actor.organizationId)
}

/** Claiming and resolving is the owner Organization's; a collaborator writes entries. */
export function mayOwn(actor: Actor, issue: IssueParties): boolean {
  return (
    actor.kind === 'user' &&
    hasRole(actor.role, 'agent') &&
    actor.organizationId === issue.ownerOrganizationId
  )
}

/** Rooms of an Issue this actor reads: the private room is for those who work on it; a Customer User reads the public one only. */
export function visibleRooms(actor: Actor): readonly ('public' | 'private' | 'log')[] {
  if (actor.kind === 'customer') return ['public']
  return actor.kind === 'user' && !hasRole(actor.role, 'agent')
    ? ['public', 'log']
    : ['public', 'private', 'log']
}
