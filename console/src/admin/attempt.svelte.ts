import { sentenceOf } from '../api/sentence.ts'

/** One thing at a time that may fail: what to tell about it, and whether it runs. */
export function createAttempt() {
  let complaint = $state('')
  let done = $state('')
  let isBusy = $state(false)
  return {
    get complaint() {
      return complaint
    },
    get done() {
      return done
    },
    get isBusy() {
      return isBusy
    },
    /** Runs it and keeps the sentence for the page. @returns whether it worked. */
    async run(work: () => Promise<unknown>, said = ''): Promise<boolean> {
      isBusy = true
      done = ''
      try {
        await work()
        complaint = ''
        done = said
        return true
      } catch (error) {
        complaint = sentenceOf(error)
        return false
      } finally {
        isBusy = false
      }
    },
  }
}
