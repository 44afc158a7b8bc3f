import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type ProgramResult, runProgram } from '../process/run-program.ts'

/** Many devices on one LAN, beside this very network namespace, which is the appliance's. */
export interface Crowd {
  readonly network: string
  readonly interface: string
  readonly applianceIp: string
  /** Devices' addresses in order. */
  readonly ips: readonly string[]
  /** Loses this share of the packets, each way; 100 = nobody answers anything. */
  setLoss(percent: number): Promise<void>
  /** Pulls the appliance's cable at the switch, or plugs it in again; nobody's kernel knows who was where then. Devices stay up. */
  setCable(isIn: boolean): Promise<void>
  /** Runs a program among the devices. */
  among(argv: readonly string[]): ChildProcess
  stop(): Promise<void>
}

export interface CrowdOptions {
  readonly devices: number
  /** First three octets of the devices' MAC addresses. */
  readonly macPrefix: string
  /** More addresses on the far side, e.g. of the internet; reached by the first device as a gateway. */
  readonly behind?: readonly string[]
}

const lan = '192.168.77'
const near = 'crowd0'
const far = 'crowd1'
/** The switch that the appliance's cable ends at. With a port that is never unplugged it keeps its devices' links up. */
const lanSwitch = 'switch0'
/** The router's place: devices are counted from here. */
const firstHost = 10
const stepMs = 30_000
const lookMs = 20

/**
 * Builds the LAN from macvlan interfaces in a namespace of their own: each device has its MAC, its address and its own way back. Needs to be root in
 * an own network namespace, as every benchmark is.
 * @throws Error with what the kernel said
 */
export async function startCrowd({ devices, macPrefix, behind = [] }: CrowdOptions): Promise<Crowd> {
  // Lives as long as this process: it reads from us, and ends with us.
  const keeper = spawn('unshare', ['-n', 'sh', '-c', 'echo up; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  keeper.on('error', () => undefined)
  await once(keeper.stdout, 'data')
  const pid = String(keeper.pid)
  const among = (argv: readonly string[]) => ['nsenter', '-t', pid, '-n', '--', ...argv]
  const must = async ([program = '', ...args]: readonly string[], input = ''): Promise<ProgramResult> => {
    const result = await runProgram(program, args, { timeoutMs: stepMs, input })
    if (result.code !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr.trim()}`)
    return result
  }
  /** Waits until a program says this: the kernel takes its time with links. */
  const until = async (command: readonly string[], words: string) => {
    const deadlineMs = performance.now() + stepMs
    while (!(await must(command)).stdout.includes(words)) {
      if (performance.now() > deadlineMs) throw new Error(`${command.join(' ')} never said: ${words}`)
      await delay(lookMs)
    }
  }
  const stop = async () => {
    keeper.stdin.end()
    keeper.kill('SIGKILL')
    await runProgram('ip', ['link', 'del', near], { timeoutMs: stepMs })
  }
  const ips = Array.from({ length: devices }, (_, index) => `${lan}.${firstHost + index}`)
  try {
    await must(['ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', pid])
    await must(['ip', '-batch', '-'], `addr add ${lan}.2/24 dev ${near}\nlink set ${near} up\n`)
    // Before the interfaces, which take over what stands in `default`.
    await must(
      among([
        'sh',
        '-c',
        'for c in all default; do for v in "arp_ignore 1" "arp_announce 2" "rp_filter 0"; do set -- $v; echo $2 > /proc/sys/net/ipv4/conf/$c/$1; done; done; echo 1 > /proc/sys/net/ipv4/ip_forward',
      ]),
    )
    const lines = [
      'link set lo up',
      `link add ${lanSwitch} type bridge`,
      'link add other-port type veth peer name other-end',
      'link set other-end up',
      ...[far, 'other-port'].map((port) => `link set ${port} master ${lanSwitch} up`),
      `link set ${lanSwitch} up`,
      ...behind.map((ip) => `addr add ${ip}/32 dev lo`),
      ...ips.flatMap((ip, index) => deviceLines(ip, index, macPrefix)),
    ]
    await must(among(['ip', '-batch', '-']), `${lines.join('\n')}\n`)
    if (behind.length > 0) await must(['ip', 'route', 'add', 'default', 'via', ips[0] ?? ''])
  } catch (error) {
    await stop()
    throw error
  }

  async function lose(prefix: readonly string[], device: string, percent: number): Promise<void> {
    const table = 'netdev crowd'
    const rules = [
      `add table ${table}`,
      `delete table ${table}`,
      ...(percent === 0
        ? []
        : [
            `add table ${table}`,
            `add chain ${table} in { type filter hook ingress device "${device}" priority 0; }`,
            `add rule ${table} in numgen random mod 1000 < ${percent * 10} drop`,
          ]),
    ]
    await must([...prefix, 'nft', '-f', '-'], `${rules.join('\n')}\n`)
  }

  return {
    network: `${lan}.0/24`,
    interface: near,
    applianceIp: `${lan}.2`,
    ips,
    async setLoss(percent) {
      await lose([], near, percent)
      await lose(among([]), far, percent)
    },
    async setCable(isIn) {
      await must(among(['ip', 'link', 'set', far, isIn ? 'up' : 'down']))
      if (isIn) {
        await until(['ip', '-br', 'link', 'show', 'dev', near], ' UP ')
        await until(among(['bridge', 'link', 'show', 'dev', far]), 'state forwarding')
      }
      // Devices that know the appliance from before would ask whether it is still there, and so tell of themselves.
      // An entry may go by itself between the reading and the flushing of the table.
      for (const forget of [among(['ip', 'neigh', 'flush', 'all']), ['ip', 'neigh', 'flush', 'dev', near]])
        await must(forget).catch(() => must(forget))
    },
    among(argv) {
      const [program = '', ...args] = among(argv)
      return spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    },
    stop,
  }
}

/** One device: own MAC, own address, and a rule that what it sends leaves by its own interface. */
function deviceLines(ip: string, index: number, macPrefix: string): string[] {
  const name = `d${index}`
  const table = 1_000 + index
  const mac = `${macPrefix}:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`
  return [
    `link add link ${lanSwitch} name ${name} address ${mac} type macvlan mode bridge`,
    `addr add ${ip}/32 dev ${name}`,
    `link set ${name} up`,
    `rule add from ${ip} lookup ${table}`,
    `route add ${lan}.0/24 dev ${name} table ${table}`,
    ...(index === 0 ? [`route add ${lan}.0/24 dev ${name}`] : []),
  ]
}
