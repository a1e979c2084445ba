/**
 * Record bytes → typed field columns, by a scanner generated for the fields that a view reads: one pass, no object, no string.
 * It takes an event only when it is sure of it; anything unusual (escapes, exponents, more than 15 digits, a field given twice,
 * whatever is wrong) goes to the plain extractor, which also says why an event is refused. So both always answer the same.
 */
import { isUtf8 } from 'node:buffer'
import { decimalPrecision, decimalScale, isDecimal } from '../../definition/types.ts'
import { compileExtractor, MAX_EVENT_BYTES, MAX_EVENT_TIME_MS, MIN_EVENT_TIME_MS, type ReadFields, type Refusal } from './extract.ts'
import type { FieldColumns } from './field-columns.ts'
import { readIsoUtc, skipValue } from './json-scan.ts'
import { POW10, type Value } from './value.ts'

/** Puts the event in data[start, end) into row `at` of the columns; false: not sure of it. */
type Scan = (b: Uint8Array, start: number, end: number, at: number) => boolean

export interface ByteExtractor {
  /** Fills row `at` and returns null, or says why the record is refused. `data` is what the columns began with. */
  extract(data: Uint8Array, start: number, end: number, at: number): Refusal | null
}

export function compileByteExtractor(plan: ReadFields, columns: FieldColumns): ByteExtractor {
  const scan = generateScan(plan, columns)
  const plain = compileExtractor(plan)
  const row: Value[] = plan.fields.map(() => null)
  return {
    extract(data, start, end, at) {
      if (end - start <= MAX_EVENT_BYTES && scan(data, start, end, at)) return null
      const refusal = plain.extract(data, start, end, row)
      if (refusal === null) columns.setRow(at, row)
      return refusal
    },
  }
}

const BITS = 30
/** From behind a quote to the next one; four bytes at a time as long as all are plain: not below a space, no quote, no backslash, no high bit. */
const TEXT = `while(p+4<=end){c=v.getInt32(p,true);if(((c-0x20202020)|((c^0x22222222)-0x01010101)|((c^0x5c5c5c5c)-0x01010101)|c)&0x80808080)break;p+=4}
while(p<end&&(c=b[p])!==34){if(c===92||c<32)return false;high|=c;p++}
if(p>=end)return false;`
const BLANK = 'while(p<end&&((c=b[p])===32||c===10||c===13||c===9))p++;'

function generateScan(plan: ReadFields, columns: FieldColumns): Scan {
  const words = Math.ceil(plan.fields.length / BITS)
  const seen = (slot: number) => ({ word: `seen${Math.floor(slot / BITS)}`, bit: 1 << (slot % BITS) })
  const required = (slot: number) => plan.keySlots.includes(slot) || slot === plan.eventTimeSlot || !plan.fields[slot]!.nullable
  const cases = plan.fields.map(({ type }, slot) => {
    const { word, bit } = seen(slot)
    return `case ${slot}:if(${word}&${bit})return false;${word}|=${bit};${readField(type, slot, required(slot))}break;`
  })
  const absent = plan.fields.map(({ type }, slot) => {
    const { word, bit } = seen(slot)
    return `if(!(${word}&${bit})){${required(slot) ? 'return false' : setNull(type, slot)}}`
  })
  const time = `N${plan.eventTimeSlot}[at]`
  const checkTime = plan.eventTimeSlot < 0 ? '' : `if(!(${time}>=${MIN_EVENT_TIME_MS}&&${time}<=${MAX_EVENT_TIME_MS}))return false;`
  const body = `
${plan.fields.map(({ type }, slot) => (type === 'string' ? `const S${slot}=columns.starts[${slot}],E${slot}=columns.ends[${slot}];` : `const N${slot}=columns.numbers[${slot}];`)).join('\n')}
let view=null,bytes=null;
return function scan(b,start,end,at){
  if(b!==bytes){bytes=b;view=new DataView(b.buffer,b.byteOffset,b.byteLength)}
  const v=view;
  let p=start,c=0,d=0,m=0,low=0,fraction=0,high=0,from=0,negative=false,want=-1;
  ${Array.from({ length: words }, (_, i) => `let seen${i}=0;`).join('')}
  ${BLANK}
  if(p>=end||b[p]!==123)return false;
  p++;${BLANK}
  if(p<end&&b[p]===125)return false;
  for(;;){
    if(p>=end||b[p]!==34)return false;
    p++;
    want=-1;
    switch(b[p]){${matchNames(plan)}}
    if(want<0){${TEXT}}
    p++;${BLANK}
    if(p>=end||b[p]!==58)return false;
    p++;${BLANK}
    if(p>=end)return false;
    c=b[p];
    switch(want){
      ${cases.join('\n      ')}
      default:
        if(c===34){p++;${TEXT}p++}
        else{from=p;p=skipValue(b,p,end);if(p<0)return false;if(c===123||c===91)for(;from<p;from++)high|=b[from]}
    }
    ${BLANK}
    if(p>=end)return false;
    c=b[p++];
    if(c===125)break;
    if(c!==44)return false;
    ${BLANK}
  }
  ${BLANK}
  if(p!==end)return false;
  ${absent.join('\n  ')}
  ${checkTime}
  return high<128||isUtf8(b.subarray(start,end));
}`
  return new Function('columns', 'POW10', 'skipValue', 'readIsoUtc', 'isUtf8', body)(columns, POW10, skipValue, readIsoUtc, isUtf8) as Scan
}

/** Cases by the first byte of the name, then byte by byte up to its closing quote, where p is left. */
function matchNames(plan: ReadFields): string {
  const byFirst = new Map<number, string[]>()
  for (const [slot, { name }] of plan.fields.entries()) {
    if (JSON.stringify(name) !== `"${name}"`) continue // it never stands there as it is
    const bytes = [...new TextEncoder().encode(name), 34]
    const test = bytes.map((byte, i) => `b[p+${i}]===${byte}`).join('&&')
    const list = byFirst.get(bytes[0]!) ?? []
    list.push(`if(p+${bytes.length}<=end&&${test}){want=${slot};p+=${bytes.length - 1}}`)
    byFirst.set(bytes[0]!, list)
  }
  return [...byFirst].map(([first, tests]) => `case ${first}:${tests.join('else ')}break;`).join('')
}

const setNull = (type: string, slot: number): string => (type === 'string' ? `S${slot}[at]=-1;` : `N${slot}[at]=NaN;`)

function readField(type: string, slot: number, required: boolean): string {
  const onNull = required ? 'return false' : `if(b[p+1]!==117||b[p+2]!==108||b[p+3]!==108)return false;p+=4;${setNull(type, slot)}`
  return `if(c===110){${onNull}}else{${readValue(type, slot)}}`
}

/** Nine digits fit into 32 bits: the first nine are m, those behind them low. */
const DIGITS = 'while((d=b[p]-48)>=0&&d<=9){low=low*10+d|0;p++;if(p-from===9){m=low;low=0}}'
/** The digits of a number: m without its sign, `fraction` of them behind the point; at most 15, so that m and every step with it is exact. */
const NUMBER = `negative=c===45;if(negative)c=b[++p];
from=p;m=0;low=0;
${DIGITS}
if(p===from||(c===48&&p-from>1))return false;
fraction=0;
if(d===-2){const point=++p;from++;${DIGITS}fraction=p-point;if(fraction===0)return false}
d=p-from;if(d>15||b[p]===101||b[p]===69)return false;
m=d<9?low:m*POW10[d-9]+low;`
const SIGNED = '(negative?0-m:m)'

function readValue(type: string, slot: number): string {
  if (isDecimal(type as never)) {
    const scale = decimalScale(type as never) ?? 0
    const limit = POW10[decimalPrecision(type as never) ?? 15]!
    return `${NUMBER}if(fraction>${scale})return false;m=m*POW10[${scale}-fraction];if(m>=${limit})return false;N${slot}[at]=${SIGNED};`
  }
  switch (type) {
    case 'string':
      return `if(c!==34)return false;S${slot}[at]=++p;${TEXT}E${slot}[at]=p++;`
    case 'boolean':
      return `from=p;p=skipValue(b,p,end);if(p<0||(c!==116&&c!==102))return false;N${slot}[at]=c===116?1:0;`
    case 'double':
      return `${NUMBER}if(fraction>0)m=m/POW10[fraction];N${slot}[at]=${SIGNED};`
    case 'int':
      return `${NUMBER}${WHOLE}N${slot}[at]=${SIGNED};`
    default:
      return `if(c===34){from=++p;while(p<end&&b[p]!==34)p++;if(p>=end)return false;m=readIsoUtc(b,from,p);if(m!==m)return false;N${slot}[at]=m;p++}
else{${NUMBER}${WHOLE}N${slot}[at]=${SIGNED};}`
  }
}

const WHOLE = 'if(fraction>0){m=m/POW10[fraction];if(m!==Math.floor(m))return false}'
