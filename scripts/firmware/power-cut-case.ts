import { setTimeout as sleep } from 'node:timers/promises'
import { readState } from '../../firmware-image/src/boot/state.ts'
import { readStateCopies } from '../../firmware-image/src/disk/state-copies.ts'
import { type Machine, startMachine } from '../../firmware-image/src/machine/machine.ts'
import { busyboxDisk, busyboxMachine } from './busybox.ts'
import { expectThat, type FirmwareCase } from './case.ts'

const BOOT_DEADLINE_MS = 150_000
const CUTS = 20

/**
 * What switching slots writes, in the order in which it happens: each stretch lies between two lines of the serial console. From
 * the kernel's start to the slot's first line nothing is written, so no cut is spent there.
 */
const stretches = [
  { words: 'while Linux wrote the boot state', from: /test slot [AB] is up/, to: /writes slot/ },
  { words: 'while the other slot was written and chosen', from: /writes slot/, to: /switched to/ },
  {
    words: 'in the restart, while U-Boot counted the attempt',
    from: /Booting bootflow '[^']+' with script/,
    to: /Starting kernel/,
  },
] as const

/** Cuts fall evenly on the stretches and at random within each; the start after a cut is the next cut's way to its stretch. */
export const powerCuts: FirmwareCase = {
  name: `${CUTS} power cuts (SIGKILL of QEMU) at random moments of slot switching: it always boots`,
  needs: [],
  async run(bench) {
    const disk = await busyboxDisk(bench, 'cuts', { A: 'switch', B: 'switch' })
    const seen = stretches.map(() => ({ cuts: 0, lastsMs: 0 }))
    let switches = 0
    let slowestMs = 0
    /** One start up to `stretch` and for ever (undefined), or up to a random moment of it. */
    const start = async (stretch: number | undefined) => {
      const machine = startMachine(busyboxMachine(bench, disk))
      const startedAtMs = performance.now()
      try {
        let at = await upAt(machine)
        slowestMs = Math.max(slowestMs, performance.now() - startedAtMs)
        for (const [index, { from, to }] of stretches.entries()) {
          if (index !== 0) at = await endOf(machine, from, at)
          const entry = seen[index]
          if (entry === undefined) continue
          if (index === stretch) {
            await sleep(Math.random() * entry.lastsMs)
            entry.cuts++
            return
          }
          const beganAtMs = performance.now()
          at = await endOf(machine, to, at)
          entry.lastsMs = performance.now() - beganAtMs
        }
      } finally {
        await machine.kill()
        switches += [...machine.serial().matchAll(/switched to/g)].length
      }
    }
    // The first switch is not cut: it shows how long the stretches last on this machine.
    await start(undefined)
    for (let cut = 0; cut < CUTS; cut++) {
      const stretch = cut % stretches.length
      await start(stretch)
      const { copy } = readState(await readStateCopies(disk))
      const where = stretches[stretch]?.words
      expectThat(
        copy !== undefined,
        `after cut ${cut + 1} (${where}) neither copy of the boot state is whole`,
      )
    }
    const last = startMachine(busyboxMachine(bench, disk))
    try {
      await upAt(last)
    } finally {
      await last.kill()
    }
    const where = stretches.map(({ words }, index) => `${seen[index]?.cuts ?? 0} ${words}`).join(', ')
    return `booted after every one of ${CUTS} cuts (${where}); ${switches} switches; slowest boot ${(slowestMs / 1000).toFixed(1)} s`
  },
}

const upAt = (machine: Machine): Promise<number> => endOf(machine, stretches[0].from, 0)

/** Where on the serial line the first match after `from` ends. */
async function endOf(machine: Machine, pattern: RegExp, from: number): Promise<number> {
  const match = await machine.waitFor(pattern, BOOT_DEADLINE_MS, from)
  return from + (match.index ?? 0) + match[0].length
}
