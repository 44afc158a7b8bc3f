/** What an argument of a fault may be. */
export type FaultArgument =
  | { readonly kind: 'device'; readonly choices: readonly string[]; readonly fallback?: string }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly fallback: string }
  | { readonly kind: 'percent'; readonly fallback: string }
  | { readonly kind: 'name'; readonly fallback: string }

/** One fault a Location can be given; shared by the lab, its simulation and the command line. */
export interface FaultDescription {
  readonly name: string
  /** One sentence for `--help` and for a page that lists the faults. */
  readonly summary: string
  readonly argument?: FaultArgument
  /** Ends by itself after a while (a restart, a move); `heal` ends it early. */
  readonly isPassing?: true
}

const terminals = ['pos-1', 'pos-2', 'pos-3'] as const
const behindSwitch = [...terminals, 'printer-1', 'office-1'] as const

/** Every fault by name, in the order in which a person would look for them. */
export const faultCatalog = [
  {
    name: 'router-down',
    summary: 'the router loses power: no carrier on its ports, no DHCP, no DNS, no way out',
  },
  { name: 'router-reboot', summary: 'the router goes down and boots again by itself', isPassing: true },
  {
    name: 'wan-down',
    summary: 'no way to the internet: the WAN port loses its link, or the provider stops answering',
    argument: { kind: 'choice', choices: ['link', 'provider'], fallback: 'link' },
  },
  {
    name: 'wan-loss',
    summary: 'the WAN link loses this many percent of its packets, each way',
    argument: { kind: 'percent', fallback: '20' },
  },
  { name: 'dns-down', summary: "the router's DNS takes questions and never answers" },
  { name: 'dhcp-down', summary: 'the router gives out no addresses' },
  { name: 'switch-down', summary: 'the switch loses power: all that hangs behind it falls silent' },
  {
    name: 'pos-down',
    summary: 'a POS terminal loses power',
    argument: { kind: 'device', choices: terminals },
  },
  {
    name: 'device-down',
    summary: 'a printer loses power',
    argument: { kind: 'choice', choices: ['printer-1'], fallback: 'printer-1' },
  },
  {
    name: 'pos-sleep',
    summary: 'a POS terminal sleeps: it keeps its link and answers nothing, not even ARP',
    argument: { kind: 'device', choices: terminals, fallback: 'pos-3' },
  },
  {
    name: 'pos-restart',
    summary: 'a POS terminal restarts: off for a few seconds, then back by itself',
    argument: { kind: 'device', choices: terminals },
    isPassing: true,
  },
  {
    name: 'processor-down',
    summary: 'the payment processor swallows packets, refuses connections, or breaks the TLS handshake',
    argument: { kind: 'choice', choices: ['silent', 'refused', 'tls'], fallback: 'silent' },
  },
  { name: 'power-cut', summary: 'router, switch, devices and appliance lose power at the same time' },
  { name: 'appliance-cable', summary: "the appliance's LAN cable is pulled; everything else goes on" },
  {
    name: 'ip-conflict',
    summary: 'another machine answers with the address of this device',
    argument: { kind: 'device', choices: behindSwitch, fallback: 'pos-1' },
  },
  {
    name: 'new-device',
    summary: 'a machine nobody has seen joins by DHCP',
    argument: { kind: 'name', fallback: 'new-1' },
  },
  {
    name: 'roam',
    summary: 'a device leaves its port for 2 seconds and comes back on another one',
    argument: { kind: 'device', choices: behindSwitch },
  },
] as const satisfies readonly FaultDescription[]

export type FaultName = (typeof faultCatalog)[number]['name']

/** A fault with its argument filled in; `argument` is '' where the fault takes none. */
export interface Fault {
  readonly name: FaultName
  readonly argument: string
}

/** What came of asking for a fault: a mistake of the asker is a value with one clear sentence. */
export type FaultResult = { readonly ok: true } | { readonly ok: false; readonly reason: string }

export type ParsedFault =
  | { readonly ok: true; readonly fault: Fault }
  | { readonly ok: false; readonly reason: string }

/** Names which fault of a set another one replaces: `pos-down` counts per terminal, `wan-loss` once. */
export function faultSlot(fault: Fault): string {
  const kind = describe(fault.name)?.argument?.kind
  return kind === 'device' || kind === 'name' ? `${fault.name} ${fault.argument}` : fault.name
}

/** Reads a fault as typed by a person; fills in the fallback of a missing argument. */
export function parseFault(name: string, args: readonly string[]): ParsedFault {
  const description = describe(name)
  if (description === undefined) {
    return no(
      `there is no fault "${name}"; choose one of ${faultCatalog.map((entry) => entry.name).join(', ')}`,
    )
  }
  const { argument } = description
  if (args.length > (argument === undefined ? 0 : 1)) {
    return no(argument === undefined ? `${name} takes no argument` : `${name} takes one argument`)
  }
  const value = args[0] ?? argument?.fallback
  const fault = (text: string): ParsedFault => ({
    ok: true,
    fault: { name: description.name as FaultName, argument: text },
  })
  if (argument === undefined) return fault('')
  if (argument.kind === 'percent') {
    const percent = Number(value)
    return percent > 0 && percent <= 100
      ? fault(String(percent))
      : no(`${name} needs a percentage above 0, up to 100`)
  }
  if (argument.kind === 'name') {
    return value !== undefined && /^new-[1-9]$/.test(value)
      ? fault(value)
      : no(`${name} takes a name from new-1 to new-9`)
  }
  return value !== undefined && argument.choices.includes(value)
    ? fault(value)
    : no(`${name} needs one of ${argument.choices.join(', ')}`)
}

function describe(name: string): FaultDescription | undefined {
  return faultCatalog.find((entry) => entry.name === name)
}

function no(reason: string): { ok: false; reason: string } {
  return { ok: false, reason }
}
