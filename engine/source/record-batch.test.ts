import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf } from './event-columns.ts'
import { CorruptBatch, DecodeColumns, decodeRecordBatch, encodeRecordBatch, readHeader } from './record-batch.ts'

const decode = (batch: Buffer, from: number) => {
  const columns = new DecodeColumns()
  decodeRecordBatch(batch, 0, columns, from, from)
  return Array.from({ length: columns.count }, (_, i) => ({
    offset: from + (columns.offsetDelta[i] as number),
    timestamp: columns.timestamp[i],
    value: batch.subarray(columns.valueStart[i], columns.valueEnd[i]).toString('latin1'),
  }))
}

test('decode(encode(values)) = values, from any position on', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 400 }),
      fc.nat(2 ** 45),
      fc.nat(2 ** 41),
      fc.nat(399),
      (texts, base, at, skip) => {
        const values = texts.map((text) => Buffer.from(text, 'latin1'))
        const batch = encodeRecordBatch(base, at, columnsOf(values), 0, values.length)
        const head = readHeader(batch)
        expect(head).toEqual({
          baseOffset: base,
          bytes: batch.length,
          count: values.length,
          nextOffset: base + values.length,
          appendTimeMs: at,
        })
        const expected = values.map((value, i) => ({ offset: base + i, timestamp: at, value: value.toString('latin1') })).slice(skip)
        expect(decode(batch, base + skip)).toEqual(expected)
      },
    ),
  )
})

test('every flipped byte behind the CRC is found', () => {
  const batch = encodeRecordBatch(7, 1_000, columnsOf(['{"a":1}', '{"a":2}']), 0, 2)
  for (let i = 16; i < batch.length; i++) {
    const broken = Buffer.from(batch)
    broken[i] = (broken[i] as number) ^ 1
    expect(() => decode(broken, 7), `byte ${i}`).toThrow(CorruptBatch)
  }
})

test('a batch as a Kafka producer writes it: key, headers, create time, null value', () => {
  // Two records by hand after the protocol's documentation; timestamps 5000 and 5007.
  const records = Buffer.from([
    ...[2 * (1 + 1 + 1 + 1 + 1 + 1 + 2 + 1 + 1 + 1 + 1 + 1), 0, 0, 0, 2, 0x6b, 4, 0x76, 0x31, 2, 2, 0x68, 2, 0x78], // key "k", value "v1", one header h=x
    ...[2 * 6, 0, 14, 2, 1, 1, 0], // no key, null value
  ])
  const batch = Buffer.alloc(61 + records.length)
  batch.writeBigInt64BE(100n, 0)
  batch.writeInt32BE(batch.length - 12, 8)
  batch[16] = 2
  batch.writeInt32BE(1, 23)
  batch.writeBigInt64BE(5000n, 27)
  batch.writeBigInt64BE(5007n, 35)
  batch.writeInt32BE(2, 57)
  records.copy(batch, 61)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  const columns = new DecodeColumns()
  decodeRecordBatch(batch, 0, columns, 100, 100)
  expect(columns.count).toBe(2)
  expect([...columns.timestamp.subarray(0, 2)]).toEqual([5000, 5007])
  expect(batch.subarray(columns.valueStart[0], columns.valueEnd[0]).toString()).toBe('v1')
  expect(columns.valueEnd[1]).toBe(-1)
})
