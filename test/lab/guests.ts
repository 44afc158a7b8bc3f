import { type Exit, type GuestSpec, type Program, startGuest } from './program.ts'

/** Programs under test, by name. They lose their life with their node's power, and get it back with it. */
export interface Guests {
  /** @throws Error when the name is taken or the log file cannot be opened. */
  start(name: string, spec: GuestSpec): Promise<void>
  /** @throws Error when there is no program of that name. */
  signal(name: string, signal: NodeJS.Signals): void
  powerChanged(node: string, isOn: boolean): Promise<void>
  list(): { name: string; node: string; isRunning: boolean }[]
}

export function createGuests(options: { readonly onExit: (name: string, exit: Exit) => void }): Guests {
  interface Guest {
    readonly spec: GuestSpec
    program?: Program
    hasPower: boolean
  }
  const guestByName = new Map<string, Guest>()

  async function run(name: string, guest: Guest): Promise<void> {
    const program = await startGuest(guest.spec)
    guest.program = program
    void program.exited.then((exit) => {
      if (guest.program !== program) return
      delete guest.program
      if (!guest.hasPower) return
      guestByName.delete(name)
      options.onExit(name, exit)
    })
  }

  return {
    async start(name, spec) {
      if (guestByName.has(name)) throw new Error(`a program named ${name} is running already`)
      const guest: Guest = { spec, hasPower: true }
      guestByName.set(name, guest)
      try {
        await run(name, guest)
      } catch (cause) {
        guestByName.delete(name)
        throw cause
      }
    },
    signal(name, signal) {
      const guest = guestByName.get(name)
      if (guest === undefined) throw new Error(`no program named ${name} is running`)
      guest.program?.signal(signal)
      // Killed while its node was without power: it does not come back.
      if (!guest.hasPower && ['SIGKILL', 'SIGTERM', 'SIGINT'].includes(signal)) {
        guestByName.delete(name)
        options.onExit(name, { code: null, signal })
      }
    },
    async powerChanged(node, isOn) {
      for (const [name, guest] of guestByName) {
        if (guest.spec.node !== node) continue
        guest.hasPower = isOn
        if (!isOn) delete guest.program
        else await run(name, guest)
      }
    },
    list: () =>
      [...guestByName].map(([name, guest]) => ({
        name,
        node: guest.spec.node,
        isRunning: guest.program !== undefined,
      })),
  }
}
