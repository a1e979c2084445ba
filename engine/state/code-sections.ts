/**
 * A key group's bytes where the view has features in TypeScript: the rows, then sections of what such features keep. Several of them
 * where a state was put together from two snapshots; an earlier one counts before a later one.
 */
const MAGIC = Buffer.from('EFC1')
const HEAD = MAGIC.length + 4

export function withCode(rows: Uint8Array, sections: readonly Uint8Array[]): Uint8Array {
  const part = (bytes: Uint8Array): Buffer[] => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    return [length, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)]
  }
  return sections.length === 0 ? rows : Buffer.concat([MAGIC, ...part(rows), ...sections.flatMap(part)])
}

/** Without its sections. */
export function rowBytes(bytes: Uint8Array): Uint8Array {
  const buffer = bufferOf(bytes)
  return hasSections(buffer) ? buffer.subarray(HEAD, HEAD + buffer.readUInt32LE(MAGIC.length)) : bytes
}

export function codeSections(bytes: Uint8Array): Uint8Array[] {
  const buffer = bufferOf(bytes)
  if (!hasSections(buffer)) return []
  const sections: Uint8Array[] = []
  for (let at = HEAD + buffer.readUInt32LE(MAGIC.length); at < buffer.length; ) {
    const length = buffer.readUInt32LE(at)
    sections.push(buffer.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return sections
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const hasSections = (buffer: Buffer): boolean => buffer.subarray(0, MAGIC.length).equals(MAGIC)
