/** Tag, length, value (ITU-T X.690), as far as a test certificate needs it. */
export function bytes(tag: number, value: readonly number[]): Buffer {
  const { length } = value
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.from([tag, ...size, ...value])
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return bytes(0x30, [...Buffer.concat(parts)])
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return bytes(0x31, [...Buffer.concat(parts)])
}

/** Context-specific, constructed. */
export function tagged(number: number, part: Uint8Array): Buffer {
  return bytes(0xa0 + number, [...part])
}

export function integer(value: readonly number[]): Buffer {
  return bytes(0x02, value)
}

export function bitString(value: Uint8Array): Buffer {
  return bytes(0x03, [0, ...value])
}

export function utf8(text: string): Buffer {
  return bytes(0x0c, [...Buffer.from(text)])
}

/** `YYMMDDHHMMSSZ`. */
export function utcTime(atMs: number): Buffer {
  const text = new Date(atMs)
    .toISOString()
    .replace(/[-:T]|\.\d+/g, '')
    .slice(2)
  return bytes(0x17, [...Buffer.from(text)])
}

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const encoded = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
    return digits
  })
  return bytes(0x06, encoded)
}

export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
