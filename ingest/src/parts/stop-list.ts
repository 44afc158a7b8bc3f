/** What has to be stopped, in the reverse order of its start. */
export interface StopList {
  add(name: string, stop: () => unknown): void
  /** Stops everything; what fails does not keep the rest from being stopped. Safe to call twice. */
  stopAll(): Promise<void>
}

export function createStopList(): StopList {
  const stops: { readonly name: string; readonly stop: () => unknown }[] = []
  let stopping: Promise<void> | undefined

  async function stopAll(): Promise<void> {
    const failures: Error[] = []
    for (const { name, stop } of stops.reverse()) {
      try {
        await stop()
      } catch (cause) {
        failures.push(new Error(`${name} could not be stopped`, { cause }))
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, failures.map(({ message }) => message).join('; '))
  }

  return {
    add(name, stop) {
      stops.push({ name, stop })
    },
    stopAll() {
      stopping ??= stopAll()
      return stopping
    },
  }
}
