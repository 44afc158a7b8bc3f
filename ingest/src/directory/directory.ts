import type { Database } from '../db/database.ts'
import { type Appliances, createAppliances } from './appliances.ts'
import { createChanges, type DirectoryChanges } from './changes.ts'
import { type Claims, createClaims } from './claims.ts'
import { createDesiredConfigs, type DesiredConfigs, refreshDesired } from './desired.ts'
import { createJournal, type DirectoryJournal } from './journal.ts'
import { createLocationConfigs, type LocationConfigs } from './location-configs.ts'
import { createPasswordLinks, type PasswordLinks } from './password-links.ts'
import { createPasswords, type Passwords } from './passwords.ts'
import { createPeople, type People } from './people.ts'
import { createPlaces, type Places } from './places.ts'
import { createPlannedWork, type PlannedWork } from './planned-work.ts'
import { createProducts, type Products } from './products.ts'
import { createRouting, type Routing } from './routing.ts'
import { createSnmpAccesses, type SnmpAccesses } from './snmp-access.ts'

/**
 * Who is who: Organizations, Teams, Users, Customers, Locations, stakes, products, devices, routing, appliances (ADR 007). Its writes end in the change
 * feed; everybody else reads here or from a copy.
 */
export interface Directory {
  readonly people: People
  readonly passwordLinks: PasswordLinks
  readonly places: Places
  readonly plannedWork: PlannedWork
  readonly products: Products
  readonly routing: Routing
  readonly appliances: Appliances
  readonly claims: Claims
  readonly desired: DesiredConfigs
  readonly snmp: SnmpAccesses
  readonly configs: LocationConfigs
  readonly changes: DirectoryChanges
  readonly journal: DirectoryJournal
}

export interface DirectoryDependencies {
  readonly database: Database
  readonly nowMs: () => number
  /** Absent = the usual cost. */
  readonly passwords?: Passwords
}

export function createDirectory(dependencies: DirectoryDependencies): Directory {
  const { database, nowMs, passwords = createPasswords() } = dependencies
  const journal = createJournal({ database, nowMs })
  return {
    people: createPeople({ database, journal, passwords, nowMs }),
    passwordLinks: createPasswordLinks({ database, passwords, nowMs }),
    places: createPlaces({ database, journal }),
    plannedWork: createPlannedWork({ database, journal, nowMs }),
    products: createProducts({
      database,
      journal,
      nowMs,
      refreshDesired: (trx, locationId) => refreshDesired(trx, locationId, nowMs()),
    }),
    routing: createRouting({ database, journal }),
    appliances: createAppliances({ database, journal, nowMs }),
    claims: createClaims({ database, nowMs }),
    desired: createDesiredConfigs({ database, journal, nowMs }),
    snmp: createSnmpAccesses({ database, journal, nowMs }),
    configs: createLocationConfigs({ database, journal, nowMs }),
    changes: createChanges(database),
    journal,
  }
}
