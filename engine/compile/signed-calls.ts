/** Calls of the functions that `definition/scalars.ts` has the types of: texts, dates, maths. What is no number (√−1, ln 0) is NULL and counted. */
import { type DatePart, type Signature, type SignedName, SIGNATURES } from '../../definition/scalars.ts'
import { difference, partOf, truncated } from './dates.ts'
import { TEXT_FUNCTIONS } from './texts.ts'
import { coerced, type Compiled, CompileError } from './typed.ts'
import { checkDouble, type Counters, type Value } from './value.ts'

const MATHS: Partial<Record<SignedName, (x: number, y: number) => number>> = {
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  power: (x, y) => x ** y,
  exp: Math.exp,
  ln: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  atan2: Math.atan2,
  radians: (x) => (x * Math.PI) / 180,
  degrees: (x) => (x * 180) / Math.PI,
  pi: () => Math.PI,
  sign: Math.sign,
}

export function compileSigned(name: SignedName, args: readonly Compiled[], counters: Counters): Compiled {
  const { takes, gives }: Signature = SIGNATURES[name]
  const runs = args.map((arg, i) => ((takes[i] ?? takes.at(-1)) === 'number' ? coerced(arg, 'double', counters) : arg.run))
  const maths = MATHS[name]
  if (maths) {
    const [first = () => 0, second = () => 0] = runs
    return {
      type: gives,
      run: (row, aggs, features) => {
        const x = first(row, aggs, features)
        if (x === null) return null
        const y = second(row, aggs, features)
        return y === null ? null : checkDouble(maths(Number(x), Number(y)) + 0, counters)
      },
    }
  }
  const date = takes.includes('timestamp') ? dateFunction(name, args[0]?.constant) : undefined
  if (date) {
    const times = name === 'epoch_ms' ? runs : runs.slice(1)
    const [first, second = () => 0] = times as [(typeof runs)[0], (typeof runs)[0] | undefined]
    return {
      type: args[0]?.constant === 'epoch' ? 'double' : gives,
      run: (row, aggs, features) => {
        const from = first(row, aggs, features)
        if (from === null) return null
        const to = second(row, aggs, features)
        return to === null ? null : date(Number(from), Number(to))
      },
    }
  }
  const text = TEXT_FUNCTIONS[name]
  if (!text) throw new CompileError(`the function ${name} is not available`)
  return {
    type: gives,
    run: (row, aggs, features) => {
      const values: Value[] = []
      for (const run of runs) values.push(run(row, aggs, features))
      return text(values, counters)
    },
  }
}

function dateFunction(name: SignedName, constant: Value | undefined): (fromMs: number, toMs: number) => number {
  const part = constant as DatePart
  switch (name) {
    case 'date_part':
      return (ms) => partOf(part, ms)
    case 'date_trunc':
      return (ms) => truncated(part, ms)
    case 'date_diff':
      return (fromMs, toMs) => difference(part, fromMs, toMs)
    case 'epoch_ms':
      return (ms) => ms
    default:
      throw new CompileError(`the function ${name} is not available`)
  }
}
