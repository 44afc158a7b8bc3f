let nowMs = $state(Date.now())

// Ages on the page ("silent 6 min") grow by themselves.
setInterval(() => {
  nowMs = Date.now()
}, 1_000)

/** The browser's time, reactive, to the second. */
export const clock = {
  get nowMs() {
    return nowMs
  },
}
