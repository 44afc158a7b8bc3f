import { spawn } from 'node:child_process'
import type { Log, Stop } from '../ports/index.ts'

/** Tells systemd how this program is (sd_notify(3)); does nothing where no service manager listens. */
export interface ServiceManager {
  /** It does what it is there for. */
  ready(): void
  /** Tells three times within `WatchdogSec=` that it lives, as long as nothing is stuck; an event loop that stands still tells nothing by itself. */
  startPulse(stuck: () => string | undefined): Stop
}

/** Of the package systemd. */
const program = 'systemd-notify'
const notifyTimeoutMs = 20_000
const everyShare = 3

/** A Unix datagram is beyond Node, so `systemd-notify` sends it; the unit says `NotifyAccess=all`. */
export function createServiceManager(env: NodeJS.ProcessEnv, log: Log): ServiceManager {
  const hasListener = env.NOTIFY_SOCKET !== undefined && env.NOTIFY_SOCKET !== ''
  const watchdogMs = Number(env.WATCHDOG_USEC ?? 0) / 1_000
  let sending: Promise<void> = Promise.resolve()
  let waiting = 0

  /** One after the other; behind one that hangs no second one waits. */
  function notify(state: string): void {
    if (!hasListener || waiting > 1) return
    waiting++
    sending = sending.then(() => send(state)).finally(() => waiting--)
  }

  function send(state: string): Promise<void> {
    return new Promise((resolve) => {
      const child = spawn(program, [state], { stdio: 'ignore', timeout: notifyTimeoutMs, env })
      child.once('close', () => resolve())
      child.once('error', (err) => {
        log.warn({ err }, 'systemd cannot be told; is systemd-notify installed?')
        resolve()
      })
      child.unref()
    })
  }

  return {
    ready: () => notify('READY=1'),
    startPulse(stuck) {
      if (!hasListener || !(watchdogMs > 0)) return () => undefined
      let wasStuck: string | undefined
      const timer = setInterval(() => {
        const work = stuck()
        if (work === undefined) notify('WATCHDOG=1')
        else if (work !== wasStuck)
          log.error({ work }, 'work is stuck; systemd is not told any more that all is well and will restart')
        wasStuck = work
      }, watchdogMs / everyShare)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}
