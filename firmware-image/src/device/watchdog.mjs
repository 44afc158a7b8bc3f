// Loaded before the agent (`node --import`): tells systemd that the agent's event loop turns. When it stands still no
// message is sent, and systemd restarts the agent (systemd.service(5), WatchdogSec=).
// A Unix datagram is beyond Node, so systemd-notify sends it.
import { spawn } from 'node:child_process'

const everyMs = Number(process.env.WATCHDOG_USEC ?? 0) / 3000
let isSending = false

/** @param {string} state */
function notify(state) {
  if (isSending || process.env.NOTIFY_SOCKET === undefined) return
  isSending = true
  const child = spawn('systemd-notify', [state], { stdio: 'ignore', timeout: 20_000 })
  const done = () => {
    isSending = false
  }
  child.once('close', done)
  child.once('error', done)
  child.unref()
}

// The process's own children do not inherit what is only meant for it.
if (everyMs > 0) {
  setImmediate(() => notify('READY=1'))
  setInterval(() => notify('WATCHDOG=1'), everyMs).unref()
}
