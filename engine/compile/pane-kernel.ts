/**
 * Functions generated from the plan that keep the measures of panes, and of windows over panes. F, G, V, w: the 64-bit words, 32-bit words
 * and bytes of the chunk with a pane (or with a window's totals, which have the same words), and its first 64-bit word.
 */
import { decimalScale, type ExprType, isDecimal } from '../../definition/types.ts'
import type { Plan } from '../plan/plan.ts'
import type { SketchSlab } from '../state/sketch-slab.ts'
import { wholeSum } from './kernel.ts'
import type { Selection } from './kernel-layout.ts'
import { type MomentName, RESULTS } from './moments.ts'
import type { Measure, PaneLayout } from './pane-layout.ts'
import { checkDecimal, checkDouble, type Counters, POW10 } from './value.ts'
import { numberHash } from './value-hash.ts'

type Floats = Float64Array
type Ints = Int32Array
type Bytes = Uint8Array

export interface PaneKernel {
  /** Whatever stood there, it is empty now. */
  init(F: Floats, G: Ints, V: Bytes, w: number): void
  /** Gives back what stands elsewhere. */
  release(V: Bytes, w: number): void
  /** Takes in event i of the columns. */
  add(F: Floats, G: Ints, V: Bytes, w: number, columns: readonly Floats[], i: number, timeMs: number, position: number): void
  /** Takes in all of another one. */
  merge(F: Floats, G: Ints, V: Bytes, w: number, R: Floats, Q: Ints, U: Bytes, r: number): void
  /** Aggregates of a window, from its totals: into out[a][o]; NaN is NULL, a decimal is scaled. */
  values(window: number, F: Floats, G: Ints, V: Bytes, w: number, out: readonly Floats[], o: number): void
}

export function compilePaneKernel(
  plan: Plan,
  columnTypes: readonly ExprType[],
  layout: PaneLayout,
  sketches: SketchSlab,
  counters: Counters,
): PaneKernel {
  const { measures } = layout
  const addScaled = (measure: Measure) => addTo(measure, measures, POW10[decimalScale(columnTypes[measure.input] ?? 'int') ?? 0]!)
  const cases = plan.windows.map((_, w) => {
    const lines = plan.aggregates.map(({ expr, window, input }, a) => {
      if (window !== w) return ''
      return `out[${a}][o]=${valueOf(expr.fn, measures[layout.measureOf[a]!]!, measures, columnTypes[input] ?? 'int')};`
    })
    return `case ${w}:${lines.join('')}break;`
  })
  const body = `'use strict';
function init(F,G,V,w){${measures.map(toEmpty).join('')}}
function release(V,w){${measures.map(({ kind, at }) => (kind === 'distinct' ? `sketches.clear(V,8*(w+${at}));` : '')).join('')}}
function add(F,G,V,w,columns,i,timeMs,position){${measures.map(addScaled).join('\n')}}
function merge(F,G,V,w,R,Q,U,r){${measures.map((measure) => mergeInto(measure, measures)).join('\n')}}
function values(window,F,G,V,w,out,o){switch(window){${cases.join('\n')}}}
return {init,release,add,merge,values}`
  const finite = (value: number): number => checkDouble(value, counters) ?? Number.NaN
  const decimal = (high: number, low: number): number => checkDecimal(high + low, counters) ?? Number.NaN
  const whole = (high: number, low: number): number => wholeSum(high, low, counters)
  const moments = (fn: MomentName, count: number, mean: number, m2: number): number => {
    const value = RESULTS[fn]([count, mean, m2, 0, 0])
    return value === null ? Number.NaN : finite(value)
  }
  return new Function('sketches', 'numberHash', 'finite', 'decimal', 'whole', 'moments', body)(
    sketches,
    numberHash,
    finite,
    decimal,
    whole,
    moments,
  ) as PaneKernel
}

function toEmpty({ kind, at }: Measure): string {
  switch (kind) {
    case 'count':
    case 'countTrue':
      return `G[2*w+${at}]=0;`
    case 'sum':
      return `F[w+${at}]=0;`
    case 'wholeSum':
    case 'moments':
      return `F[w+${at}]=0;F[w+${at + 1}]=0;`
    case 'min':
    case 'max':
      return `F[w+${at}]=NaN;`
    case 'first':
      return `F[w+${at}]=NaN;F[w+${at + 1}]=Infinity;`
    case 'last':
      return `F[w+${at}]=NaN;F[w+${at + 1}]=-Infinity;`
    case 'distinct':
      return `F[w+${at}]=0;`
  }
}

function selected({ input, filter }: Selection): string {
  const value = input < 0 ? '1' : `columns[${input}][i]`
  return filter < 0 ? value : `(columns[${filter}][i]===1?${value}:NaN)`
}

/** Knuth's TwoSum: nothing of a whole number is lost. */
const addWhole = (at: number, value: string): string =>
  `const a=F[w+${at}],b=a+${value},c=b-a;F[w+${at}]=b;F[w+${at + 1}]+=(a-(b-c))+(${value}-c);`

/** `divisor`: what turns a scaled decimal into its number. */
function addTo(measure: Measure, measures: readonly Measure[], divisor: number): string {
  const { kind, at, filter, input, isText, count } = measure
  const taken = (code: string): string => `{const x=${selected(measure)};if(x===x){${code}}}`
  switch (kind) {
    case 'count':
      return taken(`G[2*w+${at}]++`)
    case 'countTrue':
      return taken(`if(x===1)G[2*w+${at}]++`)
    case 'sum':
      return taken(`F[w+${at}]+=x`)
    case 'wholeSum':
      return taken(addWhole(at, 'x'))
    case 'min':
      return taken(`if(!(F[w+${at}]<=x))F[w+${at}]=x`)
    case 'max':
      return taken(`if(!(F[w+${at}]>=x))F[w+${at}]=x`)
    case 'first':
    case 'last': {
      const test = comes(kind, at, 'timeMs', 'position')
      return `if(${filter < 0 ? '' : `columns[${filter}][i]===1&&`}(${test})){F[w+${at}]=columns[${input}][i];F[w+${at + 1}]=timeMs;F[w+${at + 2}]=position}`
    }
    case 'moments': // Welford; the count stands before it and has this value already
      return taken(`const y=x/${divisor},d=y-F[w+${at}],n=G[2*w+${measures[count]!.at}];F[w+${at}]+=d/n;F[w+${at + 1}]+=d*(y-F[w+${at}])`)
    case 'distinct':
      return taken(`sketches.add(V,8*(w+${at}),${isText ? 'x' : 'numberHash(x)'})`)
  }
}

const comes = (kind: 'first' | 'last', at: number, time: string, position: string): string => {
  const [op, known] = [kind === 'first' ? '<' : '>', `F[w+${at + 1}]`]
  return `${time}${op}${known}||${time}===${known}&&${position}${op}F[w+${at + 2}]`
}

function mergeInto({ kind, at, count }: Measure, measures: readonly Measure[]): string {
  switch (kind) {
    case 'count':
    case 'countTrue':
      return `G[2*w+${at}]+=Q[2*r+${at}];`
    case 'sum':
      return `F[w+${at}]+=R[r+${at}];`
    case 'wholeSum':
      return `{const x=R[r+${at}];${addWhole(at, 'x')}F[w+${at + 1}]+=R[r+${at + 1}]}`
    case 'min':
      return `{const x=R[r+${at}];if(x===x&&!(F[w+${at}]<=x))F[w+${at}]=x}`
    case 'max':
      return `{const x=R[r+${at}];if(x===x&&!(F[w+${at}]>=x))F[w+${at}]=x}`
    case 'first':
    case 'last':
      return `if(${comes(kind, at, `R[r+${at + 1}]`, `R[r+${at + 2}]`)}){F[w+${at}]=R[r+${at}];F[w+${at + 1}]=R[r+${at + 1}];F[w+${at + 2}]=R[r+${at + 2}]}`
    case 'moments': {
      // Chan, Golub & LeVeque 1979; the count stands before it and has the other's values already
      const n = measures[count]!.at
      return `{const m=Q[2*r+${n}];if(m>0){const n=G[2*w+${n}],d=R[r+${at}]-F[w+${at}];F[w+${at}]+=d*(m/n);F[w+${at + 1}]+=R[r+${at + 1}]+d*d*((n-m)/n*m)}}`
    }
    case 'distinct':
      return `if(U[8*(r+${at})]!==0)sketches.merge(V,8*(w+${at}),U,8*(r+${at}));`
  }
}

function valueOf(fn: string, { kind, at, count }: Measure, measures: readonly Measure[], type: ExprType): string {
  const n = count < 0 ? '' : `G[2*w+${measures[count]!.at}]`
  switch (kind) {
    case 'count':
    case 'countTrue':
      return `G[2*w+${at}]`
    case 'sum':
      return `${n}===0?NaN:finite(F[w+${at}]${fn === 'avg' ? `/${n}` : ''})`
    case 'wholeSum': {
      const divisor = POW10[decimalScale(type) ?? 0]!
      if (fn === 'avg') return `${n}===0?NaN:(F[w+${at}]+F[w+${at + 1}])/${n}/${divisor}`
      return `${n}===0?NaN:${isDecimal(type) ? 'decimal' : 'whole'}(F[w+${at}],F[w+${at + 1}])`
    }
    case 'moments':
      return `moments('${fn}',${n},F[w+${at}],F[w+${at + 1}])`
    case 'distinct':
      return `sketches.estimate(V,8*(w+${at}))`
    default:
      return `F[w+${at}]`
  }
}
