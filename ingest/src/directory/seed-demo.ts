import { randomBytes } from 'node:crypto'
import { base32 } from '@proactive/shared'
import type { RoutingRule, Stake, User } from '@proactive/shared/http'
import type { Directory } from './directory.ts'

/** A person of the demo with the password that is shown once. */
export interface DemoLogIn {
  readonly title: string
  /** What this person finds after the log-in, in words. */
  readonly sees: string
  readonly email: string
  readonly password: string
}

export interface SeededDemo {
  readonly locationId: string
  readonly users: readonly DemoLogIn[]
}

export interface DemoOptions {
  /** Passwords by e-mail address; whoever is missing gets a new random one. */
  readonly passwords?: ReadonlyMap<string, string>
  readonly hasBackupUplink?: boolean
}

const northwind = { id: 'org-northwind', name: 'Northwind Networks' }
const tillwise = { id: 'org-tillwise', name: 'Tillwise POS' }
const cardlane = { id: 'org-cardlane', name: 'Cardlane Payments' }
const operations = { id: 'org-proactive-operations', name: 'Proactive Operations' }

const networkTeam = {
  id: 'team-network',
  organizationId: northwind.id,
  name: 'Network Team',
  line: 2,
} as const
const posTeam = { id: 'team-pos', organizationId: tillwise.id, name: 'POS Team', line: 1 } as const
const paymentsTeam = {
  id: 'team-payments',
  organizationId: cardlane.id,
  name: 'Payments Team',
  line: 2,
} as const
const fieldTeam = {
  id: 'team-field',
  organizationId: operations.id,
  name: 'Field Technicians',
  line: 1,
} as const

const customer = { id: 'cust-cornerstone', name: 'Cornerstone Café', number: 'C-1001' }
const locationId = 'loc-cornerstone'

const people: readonly { readonly title: string; readonly sees: string; readonly user: User }[] = [
  {
    title: 'Technician, Proactive Operations',
    sees: 'the Location and its devices; no Issues of other Teams',
    user: {
      id: 'user-technician',
      organizationId: operations.id,
      teamIds: [fieldTeam.id],
      name: 'Toni Technician',
      email: 'technician@proactive.example',
      role: 'technician',
    },
  },
  {
    title: 'POS Team, Tillwise POS',
    sees: 'Issues of the POS Team: terminals, printer',
    user: {
      id: 'user-pos-agent',
      organizationId: tillwise.id,
      teamIds: [posTeam.id],
      name: 'Paula POS',
      email: 'pos-agent@tillwise.example',
      role: 'agent',
    },
  },
  {
    title: 'Network Team, Northwind Networks',
    sees: 'Issues of the Network Team: router, switch, internet',
    user: {
      id: 'user-network-agent',
      organizationId: northwind.id,
      teamIds: [networkTeam.id],
      name: 'Nils Network',
      email: 'network-agent@northwind.example',
      role: 'agent',
    },
  },
]

const stakes: readonly Stake['kind'][] = ['network', 'pos', 'payments', 'support']
const stakeholders = [northwind, tillwise, cardlane, operations]

const products = [
  { id: 'prod-router', name: 'Northwind Edge router', role: 'router', team: networkTeam },
  { id: 'prod-switch', name: 'Northwind LAN switch', role: 'switch', team: networkTeam },
  { id: 'prod-terminal', name: 'Verifone Vx520', role: 'pos-terminal', team: posTeam },
  { id: 'prod-printer', name: 'Tillwise receipt printer', role: 'printer', team: posTeam },
] as const

/** What is no device: the line to the internet and the payment processor. */
const services = [
  { id: 'prod-internet', name: 'Northwind internet access', role: 'internet', team: networkTeam },
  { id: 'prod-processor', name: 'Cardlane card processing', role: 'payment-processor', team: paymentsTeam },
] as const

/**
 * Fills the directory with the demo: one café that is always open, four Organizations with a stake in it, three people who can log in.
 * Repeating it repairs what is missing and gives new passwords; nothing else changes.
 */
export async function seedDemo(directory: Directory, options: DemoOptions = {}): Promise<SeededDemo> {
  const { people: peopleOf, places } = directory
  for (const organization of stakeholders)
    await peopleOf.putOrganization(organization, { isOperator: organization === operations })
  for (const team of [networkTeam, posTeam, paymentsTeam, fieldTeam]) await peopleOf.putTeam(team)
  await places.ensureCustomer(customer)
  await places.putLocation(
    {
      id: locationId,
      customerId: customer.id,
      name: customer.name,
      address: '12 Market Square, Lindau',
      timeZone: 'Europe/Berlin',
      latitude: 47.546,
      longitude: 9.684,
      calendar: {
        openings: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: '00:00', to: '24:00' })),
        holidays: [],
      },
    },
    options.hasBackupUplink === undefined ? {} : { hasBackupUplink: options.hasBackupUplink },
  )
  for (const [index, organization] of stakeholders.entries()) {
    const kind = stakes[index]
    if (kind !== undefined) await places.putStake({ locationId, organizationId: organization.id, kind })
  }
  await seedResponsibilities(directory)
  await directory.desired.putLocationConfig(locationId, {
    telemetrySeconds: 10,
    networks: ['192.168.77.0/24'],
    payPaths: [
      { id: 'processor', name: 'Cardlane', host: 'processor.example.net', port: 443, deviceIds: [] },
    ],
    internetTargets: ['198.51.100.10', '198.51.100.11'],
    dnsNames: ['processor.example.net'],
  })
  return { locationId, users: await seedPeople(directory, options.passwords ?? new Map()) }
}

async function seedResponsibilities({ products: productsOf, routing }: Directory): Promise<void> {
  const ruleOf = (id: string, team: { id: string; organizationId: string }, rest: Partial<RoutingRule>) =>
    routing.putRule({
      id,
      locationId,
      organizationId: team.organizationId,
      teamId: team.id,
      mode: 'collaborative',
      ...rest,
    })
  for (const { id, name, role, team } of products) {
    await productsOf.putProduct({ id, locationId, name, role })
    await ruleOf(`rule-${id}`, team, { productId: id })
    // A device whose product nobody named yet still finds the desk that owns its kind.
    await ruleOf(`rule-role-${role}`, team, { role })
  }
  for (const { id, name, role, team } of services) {
    await productsOf.putProduct({ id, locationId, name, role: 'unknown' })
    await ruleOf(`rule-${id}`, team, { productId: id, role })
  }
  await ruleOf('rule-fallback', networkTeam, {})
}

async function seedPeople(
  { people: peopleOf }: Directory,
  passwords: ReadonlyMap<string, string>,
): Promise<DemoLogIn[]> {
  const logIns: DemoLogIn[] = []
  for (const { title, sees, user } of people) {
    const password = passwords.get(user.email) ?? base32(randomBytes(10))
    const isUnchanged = (await peopleOf.authenticate(user.email, password)) !== undefined
    await peopleOf.putUser(user, isUnchanged ? undefined : password)
    logIns.push({ title, sees, email: user.email, password })
  }
  return logIns
}
