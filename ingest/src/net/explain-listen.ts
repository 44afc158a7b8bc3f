import { findPortHolder } from './port-holder.ts'

/** A server that could not listen; the message is one sentence that names the variable to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

/** Runs `start`; where the port is taken, or not ours to take, says who holds it and what to change. @throws ListenError. */
export async function explainListen<T>(
  what: { readonly name: string; readonly port: number; readonly host: string; readonly variable: string },
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start()
  } catch (cause) {
    throw new ListenError(await sentence(what, cause), { cause })
  }
}

async function sentence(
  { name, port, host, variable }: { name: string; port: number; host: string; variable: string },
  cause: unknown,
): Promise<string> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') {
    const holder = await findPortHolder(port)
    const who = holder === undefined ? 'another program' : `process ${holder.pid} (${holder.command})`
    return `Port ${port} for ${name} is in use by ${who}: end it, or set ${variable} to a free port.`
  }
  if (code === 'EACCES')
    return `Port ${port} for ${name} needs more rights: set ${variable} to one above 1023.`
  if (code === 'EADDRNOTAVAIL')
    return `${host} is no address of this machine: set PROACTIVE_BIND to one that is.`
  return `${name} cannot listen on ${host}:${port}: ${cause instanceof Error ? cause.message : cause}`
}
