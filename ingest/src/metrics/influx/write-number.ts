const zero = 0x30
const minus = 0x2d
const point = 0x2e
const maxInt32 = 2_147_483_647
/** Decimals that are written without the detour over a string: what the agent rounds to. */
const scale = 1_000

/** Longest text of a double (`-1.7976931348623157e+308`). */
export const maxNumberBytes = 25

/**
 * Writes the shortest-or-equal decimal text of a finite number and returns the index behind it; reading it back gives the same
 * double. Whole numbers and those of up to three decimals, nearly all of telemetry, are written digit by digit.
 */
export function writeNumber(buffer: Buffer, at: number, value: number): number {
  if (Number.isInteger(value)) {
    if (value <= maxInt32 && value >= -maxInt32) return writeInteger(buffer, at, value)
    return at + buffer.write(String(value), at, 'latin1')
  }
  // The division is correctly rounded, so equality means: these decimals name exactly this double.
  const scaled = Math.round(value * scale)
  if (scaled > maxInt32 || scaled < -maxInt32 || scaled / scale !== value)
    return at + buffer.write(String(value), at, 'latin1')
  const size = Math.abs(scaled)
  const whole = Math.trunc(size / scale)
  let end = at
  if (scaled < 0) buffer[end++] = minus
  end = writeInteger(buffer, end, whole)
  buffer[end++] = point
  let rest = size - whole * scale
  for (let unit = scale / 10; rest > 0; unit /= 10) {
    const digit = Math.trunc(rest / unit)
    buffer[end++] = zero + digit
    rest -= digit * unit
  }
  return end
}

function writeInteger(buffer: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  if (rest < 0) {
    buffer[at++] = minus
    rest = -rest
  }
  let length = 1
  for (let limit = 10; rest >= limit; limit *= 10) length++
  for (let index = at + length - 1; index >= at; index--) {
    const tenth = Math.trunc(rest / 10)
    buffer[index] = zero + (rest - tenth * 10)
    rest = tenth
  }
  return at + length
}
