import type { EpochMs, MonotonicMs } from '@proactive/shared'
import type { Scheduler, Stop } from '../../agent/src/ports/index.ts'

/**
 * Time that moves only when told to: hours pass as fast as the processor allows, and nothing sleeps.
 * Tasks run in the order of their time, those of one moment in the order in which they were asked for.
 */
export interface ManualScheduler extends Scheduler {
  /** Tasks that wait, those called off left out: what an agent holds on to shows here. */
  pending(): number
  /** When the next task is due, infinity where none waits. */
  nextAtMono(): MonotonicMs
  /**
   * Moves time to the next task and runs it. What it sets off in promises runs when the caller lets the event loop turn:
   * `await turn()` after each step. False where nothing waits.
   */
  step(): boolean
  /** Moves time on without running anything. @throws RangeError where something is due before. */
  passTo(atMono: MonotonicMs): void
  /** Runs everything that is due within `ms`, promises included, and leaves the clock exactly there. */
  advance(ms: number): Promise<void>
  /** Advances until the condition holds, looking after each task; false where that takes longer than `limitMs`. */
  advanceUntil(isDone: () => boolean, limitMs: number): Promise<boolean>
}

interface Task {
  atMono: MonotonicMs
  order: number
  run: (() => void) | undefined
  readonly periodMs: number
}

/** Lets every promise that can settle now settle. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export function createManualScheduler(options: { readonly startMs: EpochMs }): ManualScheduler {
  const heap: Task[] = []
  let nowMono = 0
  let lastOrder = 0

  const isBefore = (a: Task, b: Task) => a.atMono < b.atMono || (a.atMono === b.atMono && a.order < b.order)

  function push(task: Task): void {
    let index = heap.length
    heap.push(task)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as Task
      if (!isBefore(task, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = task
  }

  function removeFirst(): void {
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child++
      const below = heap[child] as Task
      if (!isBefore(below, last)) break
      heap[index] = below
      index = child
    }
    heap[index] = last
  }

  /** The first task that was not called off. */
  function first(): Task | undefined {
    while (heap.length > 0 && heap[0]?.run === undefined) removeFirst()
    return heap[0]
  }

  function add(delayMs: number, periodMs: number, run: () => void): Stop {
    const task: Task = { atMono: nowMono + Math.max(0, delayMs), order: ++lastOrder, run, periodMs }
    push(task)
    return () => {
      task.run = undefined
    }
  }

  function step(): boolean {
    const task = first()
    if (task?.run === undefined) return false
    removeFirst()
    nowMono = Math.max(nowMono, task.atMono)
    const { run } = task
    if (task.periodMs > 0) {
      task.atMono += task.periodMs
      task.order = ++lastOrder
      push(task)
    } else task.run = undefined
    run()
    return true
  }

  const nextAtMono = () => first()?.atMono ?? Number.POSITIVE_INFINITY

  async function advanceUntil(isDone: () => boolean, limitMs: number): Promise<boolean> {
    const endMono = nowMono + limitMs
    await turn()
    while (!isDone()) {
      if (nextAtMono() > endMono) {
        nowMono = endMono
        return false
      }
      step()
      await turn()
    }
    return true
  }

  return {
    nowMs: () => Math.round(options.startMs + nowMono),
    monotonicMs: () => nowMono,
    after: (delayMs, task) => add(delayMs, 0, task),
    every: (periodMs, task) => add(periodMs, Math.max(1, periodMs), task),
    pending: () => heap.filter(({ run }) => run !== undefined).length,
    nextAtMono,
    step,
    passTo(atMono) {
      if (nextAtMono() < atMono) throw new RangeError('something is due before')
      nowMono = Math.max(nowMono, atMono)
    },
    advance: async (ms) => void (await advanceUntil(() => false, ms)),
    advanceUntil,
  }
}
