import { crc32 } from 'node:zlib'

const HEADER_BYTES = 64
const MAGIC = 0x27051956
const NAME_AT = 32
const [OS_LINUX, TYPE_SCRIPT, COMPRESSION_NONE] = [5, 6, 0]
const ARCH_ARM64 = 22

/**
 * Wraps a U-Boot script in the legacy image header that `source` and the boot scan want (U-Boot `include/image.h`): big
 * endian fields, then the length of the script, a zero, the script.
 * @param time the header's time stamp, seconds since 1970
 */
export function encodeScriptImage(script: string, time: number): Buffer {
  const text = Buffer.from(script, 'latin1')
  const data = Buffer.alloc(8 + text.length)
  data.writeUInt32BE(text.length)
  text.copy(data, 8)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(MAGIC)
  header.writeUInt32BE(time, 8)
  header.writeUInt32BE(data.length, 12)
  header.writeUInt32BE(crc32(data), 24)
  header.set([OS_LINUX, ARCH_ARM64, TYPE_SCRIPT, COMPRESSION_NONE], 28)
  header.write('proactive', NAME_AT, 'latin1')
  header.writeUInt32BE(crc32(header), 4)
  return Buffer.concat([header, data])
}
