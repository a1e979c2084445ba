/**
 * Functions generated from the plan that keep the measures of panes, and of windows over panes. F, G, V, w: the 64-bit words, 32-bit words
 * and bytes of the chunk with a pane (or with a window's totals, which have the same words), and its first 64-bit word.
 */
import { decimalScale, type ExprType } from '../../definition/types.ts'
import type { Plan } from '../plan/plan.ts'
import type { SketchSlab } from '../state/sketch-slab.ts'
import type { RowSlab } from '../state/slab-rows.ts'
import { F_ANCHOR, I_ROW_BASE, I_ROW_CHUNK, I_TAIL } from '../state/slab-keys.ts'
import { wholeSum } from './kernel.ts'
import { type MomentName, RESULTS } from './moments.ts'
import { addEvent, emptyWords, IN_ARRAYS, IN_VARIABLES, mergePane, valueOf } from './pane-code.ts'
import { NUMBER, type PaneLayout, STALE } from './pane-layout.ts'
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
  /** The same from the panes at [r, end). */
  panes(window: number, R: Floats, Q: Ints, U: Bytes, r: number, end: number, out: readonly Floats[], o: number): void
  /** Moves the windows of a key (f, g, k: its record) on to a moment that is not before the one they stand for. */
  advance(f: Floats, g: Ints, k: number, atMs: number): void
}

export function compilePaneKernel(
  plan: Plan,
  columnTypes: readonly ExprType[],
  layout: PaneLayout,
  panes: RowSlab,
  sketches: SketchSlab,
  counters: Counters,
): PaneKernel {
  const { measures, measureOf, paneWords } = layout
  const each = (code: (measure: (typeof measures)[number]) => string): string => measures.map(code).join('\n')
  const aggregatesOf = (window: number) =>
    plan.aggregates.flatMap((aggregate, a) => (aggregate.window === window ? [{ ...aggregate, a }] : []))
  const typeOf = (input: number): ExprType => columnTypes[input] ?? 'int'
  const values = plan.windows.map((_, window) =>
    aggregatesOf(window).map(({ expr, input, a }) => {
      const measure = measures[measureOf[a]!]!
      return `out[${a}][o]=${valueOf(expr.fn, measure, measures, typeOf(input), IN_ARRAYS, `sketches.estimate(V,8*(w+${measure.at}))`)};`
    }),
  )
  const ofPanes = plan.windows.map((_, window) => {
    const asked = aggregatesOf(window)
    const needed = new Set(asked.flatMap(({ a }) => [measureOf[a]!, measures[measureOf[a]!]!.count]))
    const own = measures.filter((measure, m) => needed.has(m) && measure.kind !== 'distinct')
    const variables = own.flatMap((measure) => emptyWords(measure, IN_VARIABLES)).map(([word, value]) => `${word}=${value}`)
    const loop = own.map((measure) => mergePane(measure, measures, IN_VARIABLES)).join('')
    const lines = asked.map(({ expr, input, a }) => {
      const measure = measures[measureOf[a]!]!
      const estimate = `sketches.estimateOf(U,8*(from+${measure.at}),8*(end+${measure.at}),${8 * paneWords})`
      return `out[${a}][o]=${valueOf(expr.fn, measure, measures, typeOf(input), IN_VARIABLES, estimate)};`
    })
    return `${variables.length > 0 ? `let ${variables.join(',')};` : ''}const from=r;for(;r<end;r+=${paneWords}){${loop}}${lines.join('')}`
  })
  const cases = (bodies: readonly string[]) =>
    `switch(window){${bodies.map((body, window) => `case ${window}:{${body}return}`).join('\n')}}`
  const body = `'use strict';
const RI=panes.ints;
function init(F,G,V,w){${each((measure) =>
    emptyWords(measure, IN_ARRAYS)
      .map(([word, value]) => `${word}=${value};`)
      .join(''),
  )}}
function release(V,w){${each(({ kind, at }) => (kind === 'distinct' ? `sketches.clear(V,8*(w+${at}));` : ''))}}
function add(F,G,V,w,columns,i,timeMs,position){${each((measure) => addEvent(measure, measures, POW10[decimalScale(typeOf(measure.input)) ?? 0]!))}}
function merge(F,G,V,w,R,Q,U,r){${each((measure) => mergePane(measure, measures, IN_ARRAYS))}}
function values(window,F,G,V,w,out,o){${cases(values.map((lines) => lines.join('')))}}
function panesOf(window,R,Q,U,r,end,out,o){${cases(ofPanes)}}
${advance(layout)}
return {init,release,add,merge,values,panes:panesOf,advance}`
  const finite = (value: number): number => checkDouble(value, counters) ?? Number.NaN
  const decimal = (high: number, low: number): number => checkDecimal(high + low, counters) ?? Number.NaN
  const whole = (high: number, low: number): number => wholeSum(high, low, counters)
  const moments = (fn: MomentName, count: number, mean: number, m2: number): number => {
    const value = RESULTS[fn]([count, mean, m2, 0, 0])
    return value === null ? Number.NaN : finite(value)
  }
  return new Function('panes', 'sketches', 'numberHash', 'finite', 'decimal', 'whole', 'moments', body)(
    panes,
    sketches,
    numberHash,
    finite,
    decimal,
    whole,
    moments,
  ) as PaneKernel
}

/** Panes that left are behind `lo`; the totals are not right any more. */
function advance({ windows, widthMs, paneWords }: PaneLayout): string {
  const moves = windows.map(({ startMs, totals, lo, leaveAt }) =>
    totals < 0
      ? ''
      : `
if(at>f[k+${leaveAt}]){const first=Math.floor((at-${startMs})/${widthMs}),tail=g[k2+${I_TAIL}],Q=RI[g[k2+${I_ROW_CHUNK}]];let s=g[k2+${lo}],n=0;
for(let q=2*(g[k2+${I_ROW_BASE}]+s*${paneWords})+${NUMBER};s<tail;s++,q+=${2 * paneWords}){n=Q[q];if(n>=first)break}
g[k2+${lo}]=s;g[2*(k+${totals})+${STALE}]=1;f[k+${leaveAt}]=s<tail?(n+1)*${widthMs}+${startMs - 1}:Infinity}`,
  )
  return `function advance(f,g,k,at){const k2=2*k;${moves.join('')}f[k+${F_ANCHOR}]=at}`
}
