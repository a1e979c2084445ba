/**
 * Pieces of the source text of a pane kernel: what a measure does, wherever its words stand: in an array (a pane, a window's totals), or in
 * variables while panes are summed. Names in them: columns, i: the event; timeMs, position: where it stands; R, Q, U, r: the pane that is merged in.
 */
import { decimalScale, type ExprType, isDecimal } from '../../definition/types.ts'
import type { Selection } from './kernel-layout.ts'
import type { Measure } from './pane-layout.ts'
import { POW10 } from './value.ts'

/** How a 64-bit word and a 32-bit one are written. */
export interface Place {
  wide(at: number): string
  narrow(at: number): string
}

export const IN_ARRAYS: Place = { wide: (at) => `F[w+${at}]`, narrow: (at) => `G[2*w+${at}]` }
export const IN_VARIABLES: Place = { wide: (at) => `f${at}`, narrow: (at) => `g${at}` }

/** What each of a measure's words begins with; a sketch is not among them where they are variables. */
export function emptyWords({ kind, at }: Measure, place: Place): [word: string, value: string][] {
  switch (kind) {
    case 'count':
    case 'countTrue':
      return [[place.narrow(at), '0']]
    case 'sum':
      return [[place.wide(at), '0']]
    case 'wholeSum':
    case 'moments':
      return [0, 1].map((more) => [place.wide(at + more), '0'])
    case 'min':
    case 'max':
      return [[place.wide(at), 'NaN']]
    case 'first':
    case 'last':
      return [
        [place.wide(at), 'NaN'],
        [place.wide(at + 1), kind === 'first' ? 'Infinity' : '-Infinity'],
        [place.wide(at + 2), '0'],
      ]
    case 'distinct':
      return [[place.wide(at), '0']]
  }
}

function selected({ input, filter }: Selection): string {
  const value = input < 0 ? '1' : `columns[${input}][i]`
  return filter < 0 ? value : `(columns[${filter}][i]===1?${value}:NaN)`
}

/** Knuth's TwoSum: nothing of a whole number is lost. */
const addWhole = (at: number, value: string, { wide }: Place): string =>
  `const a=${wide(at)},b=a+${value},c=b-a;${wide(at)}=b;${wide(at + 1)}+=(a-(b-c))+(${value}-c);`

/** An event comes in. `divisor`: what turns a scaled decimal into its number. */
export function addEvent(measure: Measure, measures: readonly Measure[], divisor: number): string {
  const { kind, at, filter, input, isText, count } = measure
  const { wide, narrow } = IN_ARRAYS
  const taken = (code: string): string =>
    input < 0 && filter < 0 ? `{const x=1;${code}}` : `{const x=${selected(measure)};if(x===x){${code}}}`
  switch (kind) {
    case 'count':
      return taken(`${narrow(at)}++`)
    case 'countTrue':
      return taken(`if(x===1)${narrow(at)}++`)
    case 'sum':
      return taken(`${wide(at)}+=x`)
    case 'wholeSum':
      return taken(addWhole(at, 'x', IN_ARRAYS))
    case 'min':
      return taken(`if(!(${wide(at)}<=x))${wide(at)}=x`)
    case 'max':
      return taken(`if(!(${wide(at)}>=x))${wide(at)}=x`)
    case 'first':
    case 'last': {
      const test = comes(kind, at, 'timeMs', 'position', IN_ARRAYS)
      return `if(${filter < 0 ? '' : `columns[${filter}][i]===1&&`}(${test})){${wide(at)}=columns[${input}][i];${wide(at + 1)}=timeMs;${wide(at + 2)}=position}`
    }
    case 'moments': // Welford 1962; the count stands before it and has this value already
      return taken(
        `const y=x/${divisor},d=y-${wide(at)},n=${narrow(measures[count]!.at)};${wide(at)}+=d/n;${wide(at + 1)}+=d*(y-${wide(at)})`,
      )
    case 'distinct':
      return taken(`sketches.add(V,8*(w+${at}),${isText ? 'x' : 'numberHash(x)'})`)
  }
}

function comes(kind: 'first' | 'last', at: number, time: string, position: string, { wide }: Place): string {
  const [op, known] = [kind === 'first' ? '<' : '>', wide(at + 1)]
  return `${time}${op}${known}||${time}===${known}&&${position}${op}${wide(at + 2)}`
}

/** Another pane comes in; into variables, sketches apart. */
export function mergePane({ kind, at, count }: Measure, measures: readonly Measure[], place: Place): string {
  const { wide, narrow } = place
  switch (kind) {
    case 'count':
    case 'countTrue':
      return `${narrow(at)}+=Q[2*r+${at}];`
    case 'sum':
      return `${wide(at)}+=R[r+${at}];`
    case 'wholeSum':
      return `{const x=R[r+${at}];${addWhole(at, 'x', place)}${wide(at + 1)}+=R[r+${at + 1}]}`
    case 'min':
      return `{const x=R[r+${at}];if(x===x&&!(${wide(at)}<=x))${wide(at)}=x}`
    case 'max':
      return `{const x=R[r+${at}];if(x===x&&!(${wide(at)}>=x))${wide(at)}=x}`
    case 'first':
    case 'last': {
      const words = [0, 1, 2].map((more) => `${wide(at + more)}=R[r+${at + more}]`)
      return `if(${comes(kind, at, `R[r+${at + 1}]`, `R[r+${at + 2}]`, place)}){${words.join(';')}}`
    }
    case 'moments': {
      // Chan, Golub & LeVeque 1979; the count stands before it and has the other's values already
      const n = measures[count]!.at
      return `{const m=Q[2*r+${n}];if(m>0){const n=${narrow(n)},d=R[r+${at}]-${wide(at)};${wide(at)}+=d*(m/n);${wide(at + 1)}+=R[r+${at + 1}]+d*d*((n-m)/n*m)}}`
    }
    case 'distinct':
      return place === IN_VARIABLES ? '' : `if(U[8*(r+${at})]!==0)sketches.merge(V,8*(w+${at}),U,8*(r+${at}));`
  }
}

/** The aggregate's value; NaN is NULL, a decimal is scaled. `estimate`: of the sketch. */
export function valueOf(
  fn: string,
  measure: Measure,
  measures: readonly Measure[],
  type: ExprType,
  place: Place,
  estimate: string,
): string {
  const { kind, at, count } = measure
  const { wide, narrow } = place
  const n = count < 0 ? '' : narrow(measures[count]!.at)
  switch (kind) {
    case 'count':
    case 'countTrue':
      return narrow(at)
    case 'sum':
      return `${n}===0?NaN:finite(${wide(at)}${fn === 'avg' ? `/${n}` : ''})`
    case 'wholeSum': {
      const divisor = POW10[decimalScale(type) ?? 0]!
      if (fn === 'avg') return `${n}===0?NaN:(${wide(at)}+${wide(at + 1)})/${n}/${divisor}`
      return `${n}===0?NaN:${isDecimal(type) ? 'decimal' : 'whole'}(${wide(at)},${wide(at + 1)})`
    }
    case 'moments':
      return `moments('${fn}',${n},${wide(at)},${wide(at + 1)})`
    case 'distinct':
      return estimate
    default:
      return wide(at)
  }
}
