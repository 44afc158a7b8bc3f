import type { FaultClass } from '@proactive/shared'

/**
 * One line of the table of causes: what must be seen, how long, what it explains, whose business it is, and in which words it is told.
 * Words may hold `{root}` (name of the device, resolver or host at fault), `{since}` (local time), `{affected}` ("4 terminals") and `{suffering}` ("; 4 terminals affected, not at fault", or nothing).
 */
export interface Rule {
  /** Its name for people; its article is the runbook of the class. */
  readonly name: string
  /** What must have been seen, for people who ask why. */
  readonly evidence: string
  /** How long the evidence must stand in the log's time before an Issue opens. The agent has already tried three more times by then. */
  readonly holdMs: number
  /** How long all must be well again before the incident counts as recovering. The agent debounced that already; this rides out one wrong word. */
  readonly clearMs: number
  /** `reconnect`: its evidence is absence, so it waits after every reconnect. `start`: waits only after a start of the agent. `never`: made by the ingest itself. */
  readonly waitsAfter: 'reconnect' | 'start' | 'never'
  /** Whether the router (and the device itself) must be probed now, before it may open; milliseconds after the first evidence for the second round. */
  readonly secondProbeAfterMs: number | null
  /** Outside opening hours: opens nothing, waits longer (`closedHoursHoldMs`), or is as urgent as ever. */
  readonly whenClosed: 'nothing' | 'slower' | 'same'
  /** Faults that this one explains, when they began no earlier: they open nothing, and incidents opened for them move to this cause. */
  readonly explains: readonly FaultClass[]
  readonly severity: 'low' | 'medium' | 'high' | 'critical'
  /** Role for the routing table where the root is no device of its own role. */
  readonly rootRole: string
  readonly headline: string
  readonly symptoms: string
  readonly diagnosis: string
}

const everythingBehindTheRouter = [
  'wan-link-down',
  'provider-down',
  'wan-degraded',
  'dns-failing',
  'dhcp-failing',
  'switch-down',
  'pos-down',
  'device-down',
  'payment-path-failing',
  'ip-conflict',
] as const satisfies readonly FaultClass[]

const everythingOutside = [
  'wan-degraded',
  'dns-failing',
  'payment-path-failing',
] as const satisfies readonly FaultClass[]

const noPayments = 'Card payments and everything else that needs the network fail.'
const seenFromOutside = 'Nothing at this Location can be reached from outside'

/** The causes, nearest to the root first: of two that fit, the earlier line is the cause. */
export const rules: Readonly<Record<FaultClass, Rule>> = {
  'location-dark': {
    name: 'The Location is dark',
    evidence: 'The appliance’s connection broke and no new one came on any way out.',
    holdMs: 0,
    clearMs: 5_000,
    waitsAfter: 'never',
    secondProbeAfterMs: null,
    whenClosed: 'slower',
    explains: [],
    severity: 'critical',
    rootRole: 'router',
    headline: 'Location dark since {since}: router, provider or power',
    symptoms: `${seenFromOutside}: ${noPayments}`,
    diagnosis:
      'The appliance lost its connection to the cloud and did not come back. From outside a dead router, a dead provider and a power cut look the same; the appliance keeps judging on site, and this Issue gets its cause when it can be reached again.',
  },
  'router-down': {
    name: 'The router is down',
    evidence:
      'The router stopped answering (ARP and ICMP), or the appliance’s cable to it lost its carrier while another way out works.',
    holdMs: 3_000,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: null,
    whenClosed: 'slower',
    explains: [...everythingBehindTheRouter, 'location-dark'],
    severity: 'critical',
    rootRole: 'router',
    headline: 'Router unreachable since {since}{suffering}',
    symptoms: `${noPayments} Terminals show "no connection" although they work.`,
    diagnosis:
      '{root} does not answer. What hangs behind it ({affected}) cannot be reached through it and is not at fault. Check its power and its lamps, then restart it.',
  },
  'appliance-cable': {
    name: 'The appliance’s own cable',
    evidence:
      'The carrier between appliance and router was lost, and the router’s uptime shows that it never restarted.',
    holdMs: 3_000,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: null,
    whenClosed: 'slower',
    explains: ['router-down', 'location-dark'],
    severity: 'low',
    rootRole: 'appliance',
    headline: 'Appliance was cut off from the router since {since}: its cable or port',
    symptoms: 'Nothing is felt in the shop; for this time its network was not watched.',
    diagnosis:
      'The cable between the appliance and the router lost its carrier while the router went on running. Check both plugs and the cable.',
  },
  'power-cut': {
    name: 'There was a power cut',
    evidence: 'The appliance lost its power without a shutdown, and the site went dark with it.',
    holdMs: 0,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: null,
    whenClosed: 'slower',
    explains: [...everythingBehindTheRouter, 'location-dark', 'router-down'],
    severity: 'critical',
    rootRole: 'power',
    headline: 'Power cut since {since}{suffering}',
    symptoms: 'The shop had no power: router, terminals and everything else were off.',
    diagnosis:
      'The appliance itself lost its power together with the rest of the Location. No device is at fault. If it happens again, ask the shop about its fuse or supplier.',
  },
  'appliance-down': {
    name: 'The appliance itself was down',
    evidence: 'The appliance stopped or restarted by itself while the network went on.',
    holdMs: 0,
    clearMs: 5_000,
    waitsAfter: 'never',
    secondProbeAfterMs: null,
    whenClosed: 'slower',
    explains: ['location-dark'],
    severity: 'low',
    rootRole: 'appliance',
    headline: 'Appliance was down since {since}; the shop’s network is not at fault',
    symptoms: 'Nothing is felt in the shop; for this time its network was not watched.',
    diagnosis: 'The appliance stopped working by itself, not the network it watches.',
  },
  'cloud-unreachable': {
    name: 'The way to the cloud was broken',
    evidence: 'On site all worked up to the internet; only the way to the cloud was broken.',
    holdMs: 0,
    clearMs: 5_000,
    waitsAfter: 'never',
    secondProbeAfterMs: null,
    whenClosed: 'slower',
    explains: ['location-dark'],
    severity: 'low',
    rootRole: 'internet',
    headline: 'Way to the cloud broken since {since}; the shop’s network is not at fault',
    symptoms: 'Nothing is felt in the shop; it could not be watched from outside.',
    diagnosis: 'Router, provider and internet worked on site; only the way to the cloud did not.',
  },
  'wan-link-down': {
    name: 'The router’s WAN port has no link',
    evidence: 'The router answers, the internet does not, and the router’s WAN port has no link (SNMP).',
    holdMs: 0,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: 0,
    whenClosed: 'slower',
    explains: [...everythingOutside, 'location-dark'],
    severity: 'critical',
    rootRole: 'router',
    headline: 'WAN line down since {since}{suffering}',
    symptoms: 'The shop has no internet: card payments and everything online fail.',
    diagnosis:
      '{root} works, but its WAN port has no link: the cable to the modem, the modem itself, or the port. Devices in the shop ({affected}) are not at fault.',
  },
  'provider-down': {
    name: 'The provider does not answer',
    evidence:
      'The router answers and its WAN port has a link, but the provider’s first hop or what lies behind it does not answer.',
    // Within two seconds all agents of one provider's outage have said so: then it has one Issue.
    holdMs: 2_000,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: 0,
    whenClosed: 'slower',
    explains: [...everythingOutside, 'location-dark'],
    severity: 'critical',
    rootRole: 'internet',
    headline: 'Internet provider down since {since}{suffering}',
    symptoms: 'The shop has no internet: card payments and everything online fail.',
    diagnosis:
      'The router works and its line is up, but the provider does not carry traffic. Devices in the shop ({affected}) and the router are not at fault.',
  },
  'wan-degraded': {
    name: 'The internet is slow or loses packets',
    evidence:
      'The internet answers, but losses or round trips make a payment wait a second longer than usual on this line at this hour.',
    holdMs: 60_000,
    clearMs: 30_000,
    waitsAfter: 'start',
    secondProbeAfterMs: null,
    whenClosed: 'nothing',
    explains: ['dns-failing', 'payment-path-failing', 'location-dark'],
    severity: 'medium',
    rootRole: 'internet',
    headline: 'Internet line does badly since {since}{suffering}',
    symptoms: 'Card payments and everything online take seconds longer than usual, or need a second try.',
    diagnosis:
      'The line works, but it loses packets or is slow compared with what is usual here at this hour. Devices in the shop ({affected}) and the router are not at fault: look for a big upload in the shop, else tell the provider the times and figures below.',
  },
  'dns-failing': {
    name: 'Names are not resolved',
    evidence: 'A resolver stopped answering while the internet works.',
    // A burst of lost packets on the line lasts up to twenty seconds; the agent goes on asking and tells its end within four.
    holdMs: 20_000,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: 6_000,
    whenClosed: 'slower',
    explains: ['payment-path-failing'],
    severity: 'high',
    rootRole: 'internet',
    headline: 'Name lookups (DNS) failing since {since}{suffering}',
    symptoms: 'Payments and web pages fail or take very long, although the internet itself works.',
    diagnosis: 'The resolver {root} does not answer. The line works; devices ({affected}) are not at fault.',
  },
  'dhcp-failing': {
    name: 'No addresses are handed out',
    evidence: 'The DHCP server does not answer while the router does.',
    holdMs: 30_000,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: null,
    whenClosed: 'nothing',
    explains: [],
    severity: 'medium',
    rootRole: 'router',
    headline: 'Addresses (DHCP) not handed out since {since}',
    symptoms: 'Devices that start or come back get no network; running ones go on for a while.',
    diagnosis: 'The DHCP server {root} does not answer requests for addresses. Restart its DHCP service.',
  },
  'ip-conflict': {
    name: 'Two devices use one address',
    evidence: 'Two devices answer for one address, and a POS terminal is one of them.',
    holdMs: 10_000,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: null,
    whenClosed: 'nothing',
    explains: ['pos-down', 'device-down'],
    severity: 'high',
    rootRole: 'router',
    headline: 'Two devices use one address since {since}{suffering}',
    symptoms: 'A terminal loses its connection every now and then, or altogether.',
    diagnosis:
      'Two devices answer for {root}. One of them has a fixed address inside the DHCP range: give it another one.',
  },
  'switch-down': {
    name: 'The switch is down',
    evidence:
      'Several devices fell silent together while the router answers, or a switch and a device that its own tables show behind it.',
    holdMs: 8_000,
    clearMs: 5_000,
    waitsAfter: 'reconnect',
    secondProbeAfterMs: 5_000,
    whenClosed: 'nothing',
    explains: ['pos-down', 'device-down'],
    severity: 'critical',
    rootRole: 'switch',
    headline: 'Switch or its power failed at {since}{suffering}',
    symptoms: 'Several checkouts lost their connection at the same moment.',
    diagnosis:
      'Several devices ({affected}) fell silent together while the router answers: what they share is at fault, the switch or access point they hang on, or its power. They are not at fault themselves.',
  },
  'pos-down': {
    name: 'A terminal is down',
    evidence: 'A countertop terminal stopped answering in opening hours while the router answers.',
    holdMs: 8_500,
    clearMs: 5_000,
    waitsAfter: 'reconnect',
    secondProbeAfterMs: 7_000,
    whenClosed: 'nothing',
    explains: [],
    severity: 'high',
    rootRole: 'pos-terminal',
    headline: '{root} unreachable since {since}',
    symptoms: 'This checkout cannot take cards. The other devices of the Location answer.',
    diagnosis:
      '{root} does not answer on any probe it normally answers, while router and network do. Check its power and its cable, then restart it.',
  },
  'device-down': {
    name: 'A device is down',
    evidence:
      'A printer, POS workstation, switch or access point stopped answering in opening hours while the router answers.',
    holdMs: 45_000,
    clearMs: 5_000,
    waitsAfter: 'reconnect',
    secondProbeAfterMs: 40_000,
    whenClosed: 'nothing',
    explains: [],
    severity: 'medium',
    rootRole: 'unknown',
    headline: '{root} unreachable since {since}',
    symptoms: 'This device does not work in the network; what prints on it or hangs on it fails.',
    diagnosis:
      '{root} does not answer, while router and network do. Check its power and its cable, then restart it.',
  },
  'payment-path-failing': {
    name: 'The payment processor is out of reach',
    evidence:
      'The processor’s host cannot be reached (name, connection or TLS) while router, internet and terminals work.',
    holdMs: 10_000,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: 6_000,
    whenClosed: 'slower',
    explains: [],
    severity: 'critical',
    rootRole: 'payment-processor',
    headline: 'Payment processor unreachable since {since}{suffering}',
    symptoms: 'Card payments fail; the shop’s own network and the internet work.',
    diagnosis:
      'The way to {root} fails while router, provider and terminals ({affected}) work: the processor or its network is at fault.',
  },
  // Found by the reducer over all Locations.
  'provider-outage': {
    name: 'A provider’s outage',
    ...later(
      'More Locations of one provider are dark or without internet than chance accounts for.',
      'internet',
    ),
    severity: 'critical',
    symptoms: 'Many shops have no internet at once: card payments and everything online fail there.',
    diagnosis:
      'These Locations share a provider and lost the internet together: the provider is at fault, not the shops’ routers. The single Locations have no Issues of their own; who stays offline after the others are back gets one.',
  },
  'processor-outage': {
    name: 'A payment processor’s outage',
    ...later(
      'More Locations cannot reach one payment processor than chance accounts for.',
      'payment-processor',
    ),
    severity: 'critical',
    symptoms: 'Card payments fail at many shops at once; their networks and the internet work.',
    diagnosis:
      'These Locations use one processor and lost it together while their internet works: the processor is at fault. The single Locations have no Issues of their own.',
  },
  'region-outage': {
    name: 'An outage of a town',
    ...later(
      'More Locations of one town are dark than chance accounts for, whatever their providers.',
      'power',
    ),
    severity: 'critical',
    symptoms: 'Many shops of one town cannot be reached at once.',
    diagnosis:
      'These Locations share a town, not a provider, and went dark together: most likely the power is out there. The single Locations have no Issues of their own; who stays dark after the others are back gets one.',
  },
}

/** A class that no single Location opens an incident for. */
function later(evidence: string, rootRole: string): Omit<Rule, 'name'> {
  return {
    evidence,
    holdMs: Number.POSITIVE_INFINITY,
    clearMs: 5_000,
    waitsAfter: 'start',
    secondProbeAfterMs: null,
    whenClosed: 'nothing',
    explains: [],
    severity: 'medium',
    rootRole,
    headline: '{root} since {since}',
    symptoms: '',
    diagnosis: evidence,
  }
}

/** Nearest to the root first: the order of the table. */
const rankByClass = new Map(Object.keys(rules).map((name, index) => [name, index]))

/** Place of a cause in the table: the smaller, the nearer to the root. */
export function rankOf(faultClass: FaultClass): number {
  return rankByClass.get(faultClass) ?? rankByClass.size
}
