/**
 * The part of a kernel's source text that changes: rows come, enter windows, leave them and are dropped. Names as in kernel-words.ts.
 */
import { F_ANCHOR, F_DROPPED_TIME, F_HEAD_TIME, I_HEAD, I_TAIL } from '../state/slab-keys.ts'
import type { Quantity, Stack } from './kernel-layout.ts'
import { KernelWords, RING } from './kernel-words.ts'

export class KernelCode extends KernelWords {
  /** Row s at r comes into a window. */
  protected enter(quantity: Quantity): string {
    const x = this.selected(quantity, 'r')
    const { at } = quantity
    switch (quantity.kind) {
      case 'count':
        return `{const x=${x};if(x===x)g[k2+${at}]++}`
      case 'countTrue':
        return `if(${x}===1)g[k2+${at}]++;`
      case 'sum':
      case 'squares': {
        const more = quantity.exact ? '' : `const m=Math.abs(b);if(m>f[k+${at + 2}])f[k+${at + 2}]=m;g[k2+${quantity.slides}]++;`
        return `{const x=${x};if(x===x)${this.addOf(quantity, 'x', more)}}`
      }
      case 'distinct':
        return `{const x=${x};if(x===x&&Q[2*r+${this.layout.twins[quantity.twins]!.previous}]<${this.lo(quantity.window)})g[k2+${at}]++}`
      case 'first':
        return `if(g[k2+${at}]===s&&!(${this.passes(quantity.filter, 'r')}))g[k2+${at}]=s+1;`
      case 'last':
        return `if(${this.passes(quantity.filter, 'r')})g[k2+${at}]=s;`
      case 'extreme':
        return '' // follows its stack, see push
      case 'ranked':
        return `{const x=${x};if(x===x)g[k2+${at}]=${this.tree(quantity)}.insert(g[k2+${at}],s)}`
    }
  }

  /** Row s at r leaves a window; the window's lo is still s. */
  protected leave(quantity: Quantity): string {
    const x = this.selected(quantity, 'r')
    const { at } = quantity
    switch (quantity.kind) {
      case 'count':
        return `{const x=${x};if(x===x)g[k2+${at}]--}`
      case 'countTrue':
        return `if(${x}===1)g[k2+${at}]--;`
      case 'sum':
      case 'squares': {
        const count = this.layout.quantities[quantity.count]!.at
        const restart = quantity.exact
          ? ''
          : `if(g[k2+${count}]===0){f[k+${at}]=0;f[k+${at + 1}]=0;f[k+${at + 2}]=0;g[k2+${quantity.slides}]=0}`
        return `{const x=${x};if(x===x)${this.addOf(quantity, '(-x)', quantity.exact ? '' : `g[k2+${quantity.slides}]++;`)}${restart}}`
      }
      case 'distinct': {
        const next = this.layout.twins[quantity.twins]!.next
        const { edge } = this.layout.windows[quantity.window]!
        return `{const x=${x};if(x===x){const n=Q[2*r+${next}];if(n<0||n>=${this.hi(edge)})g[k2+${at}]--}}`
      }
      case 'ranked':
        return `{const x=${x};if(x===x)g[k2+${at}]=${this.tree(quantity)}.remove(g[k2+${at}],s)}`
      default:
        return ''
    }
  }

  /** Row s at r comes on the stack: the rows it beats go. `from`: windows that have not begun at s do not look at it yet. */
  private push(stack: Stack, index: number, guarded: boolean): string {
    const { top, previous, next, isMax, keepsEqual } = stack
    const fronts = this.layout.quantities.filter((quantity) => quantity.kind === 'extreme' && quantity.stack === index)
    const update = fronts
      .map(({ at, window }) => `if(${guarded ? `s>=${this.lo(window)}&&` : ''}(t<g[k2+${at}]||g[k2+${at}]<0))g[k2+${at}]=s;`)
      .join('')
    return `{const x=${this.selected(stack, 'r')};if(x===x){
let t=g[k2+${top}];
while(t>=g[k2+${I_HEAD}]){const u=${this.row('t')};if(!(${this.selected(stack, 'u')}${isMax ? '<' : '>'}${keepsEqual ? '' : '='}x))break;t=Q[2*u+${previous}]}
if(t<g[k2+${I_HEAD}])t=-1;else Q[2*(${this.row('t')})+${next}]=s;
Q[2*r+${previous}]=t;g[k2+${top}]=s;${update}}}`
  }

  /** Row s at r comes into an edge and so into its windows. */
  private intoEdge(edge: number, guarded: boolean): string {
    const { windows, stacks } = this.layout
    const pushes = stacks.map((stack, i) => (stack.edge === edge ? this.push(stack, i, guarded) : ''))
    const enters = windows.map((window, w) => {
      if (window.edge !== edge) return ''
      const code = this.quantitiesOf(w)
        .map((quantity) => this.enter(quantity))
        .join('')
      return guarded && code ? `if(s>=${this.lo(w)}){${code}}` : code
    })
    return [...pushes, ...enters].join('\n')
  }

  /** Moves all windows on to the moment `at`, which is not before the one they stand for. */
  advance(): string {
    const edges = this.layout.edges.map(({ endMs, hi, enterAt }, e) =>
      endMs === 0
        ? ''
        : `
if(at>=f[k+${enterAt}]){const limit=at-${endMs};let s=g[k2+${hi}],r=0;
for(;s<tail;s++){r=${this.row('s')};if(R[r]>limit)break;${this.intoEdge(e, false)}}
g[k2+${hi}]=s;f[k+${enterAt}]=s<tail?R[r]+${endMs}:Infinity}`,
    )
    const windows = this.layout.windows.map(
      ({ startMs, lo, leaveAt, edge }, w) => `
if(at>f[k+${leaveAt}]){const limit=at-${startMs};let s=g[k2+${lo}],r=0;
for(;s<tail;s++){r=${this.row('s')};if(R[r]>=limit)break;${this.quantitiesOf(w)
        .map((quantity) => this.leave(quantity))
        .join('')}}
g[k2+${lo}]=s;f[k+${leaveAt}]=s<tail?R[r]+${startMs}:Infinity;
${this.quantitiesOf(w)
  .map((quantity) => this.moveFront(quantity, edge))
  .join('')}}`,
    )
    return `function advance(f,g,k,at){const k2=2*k;${RING}const tail=g[k2+${I_TAIL}];${edges.join('')}${windows.join('')}f[k+${F_ANCHOR}]=at}`
  }

  /** After lo has become s: what points at the oldest row of the window moves on. */
  private moveFront(quantity: Quantity, edge: number): string {
    const { at } = quantity
    if (quantity.kind === 'extreme') {
      const { top, next } = this.layout.stacks[quantity.stack]!
      return `{let t=g[k2+${at}];while(t>=0&&t<s)t=t===g[k2+${top}]?-1:Q[2*(${this.row('t')})+${next}];g[k2+${at}]=t}`
    }
    if (quantity.kind !== 'first') return ''
    return `{let t=g[k2+${at}];if(t<s){t=s;while(t<${this.hi(edge)}&&!(${this.passes(quantity.filter, this.row('t'))}))t++;g[k2+${at}]=t}}`
  }

  /** Takes in the row that stands behind the newest one in the ring. Not before the moment that the windows stand for. */
  join(): string {
    const { edges, windows, twins } = this.layout
    const link = twins.map((pair, i) => `{const x=${this.selected(pair, 'r')};if(x===x)${this.linkTwin(pair, i)}}`).join('')
    const own = edges.findIndex(({ endMs }) => endMs === 0)
    const waits = [
      ...edges.map(({ endMs, enterAt }) => (endMs === 0 ? '' : `if(f[k+${enterAt}]===Infinity)f[k+${enterAt}]=R[r]+${endMs};`)),
      ...windows.map(({ startMs, leaveAt }) => `if(f[k+${leaveAt}]===Infinity)f[k+${leaveAt}]=R[r]+${startMs};`),
    ]
    return `function join(f,g,k,slot){const k2=2*k;${RING}
const s=g[k2+${I_TAIL}],r=${this.row('s')};${link}
g[k2+${I_TAIL}]=s+1;if(s===g[k2+${I_HEAD}])f[k+${F_HEAD_TIME}]=R[r];
${own < 0 ? '' : this.intoEdge(own, false)}
${waits.join('')}}`
  }

  private linkTwin({ previous, next }: { previous: number; next: number }, index: number): string {
    return `{const t=seen.put(slot,${index},x,s);Q[2*r+${next}]=-1;Q[2*r+${previous}]=t;if(t>=0)Q[2*(${this.row('t')})+${next}]=s}`
  }

  /** The words of a row, from input row i. Its links are set by others. */
  write(): string {
    const { columns } = this.layout
    const words = new Map<number, string[]>()
    const lines = columns.map(({ kind, at, shift }, c) => {
      const value = `columns[${c}][i]`
      if (kind === 'number') return `R[r+${at}]=${value};`
      if (kind === 'text') return `{const x=${value};Q[2*r+${at}]=x===x?x:-1}`
      words.set(at, [...(words.get(at) ?? []), `(${value}===1?2:${value}===0?1:0)<<${shift}`])
      return ''
    })
    const booleans = [...words].map(([at, bits]) => `Q[2*r+${at}]=${bits.join('|')};`)
    return `function write(R,Q,r,timeMs,position,columns,i){R[r]=timeMs;R[r+1]=position;${lines.join('')}${booleans.join('')}}`
  }

  /** Takes rows older than `needed` off the ring; they have left all windows. Returns how many. */
  drop(): string {
    const { columns, twins, dropped } = this.layout
    const forget = twins.map(
      (pair, i) =>
        `{const x=${this.selected(pair, 'r')};if(x===x){const t=Q[2*r+${pair.next}];if(t<0)seen.remove(slot,${i},x);else Q[2*(${this.row('t')})+${pair.previous}]=-1}}`,
    )
    const texts = columns.map(({ kind, at }) => (kind === 'text' ? `{const t=Q[2*r+${at}];if(t>=0)texts.release(t)}` : ''))
    const keep =
      dropped < 0
        ? ''
        : columns
            .map(({ kind }, c) =>
              kind === 'text' ? keepText(dropped + c, this.column(c, 'r')) : `f[k+${dropped + c}]=${this.column(c, 'r')};`,
            )
            .join('')
    return `function drop(f,g,k,slot,needed){const k2=2*k;${RING}const tail=g[k2+${I_TAIL}],first=g[k2+${I_HEAD}];
let s=first,r=0;
for(;s<tail;s++){r=${this.row('s')};if(R[r]>=needed)break;${forget.join('')}
if(s+1===tail||R[${this.row('(s+1)')}]>=needed){f[k+${F_DROPPED_TIME}]=R[r];${keep}}
${texts.join('')}}
g[k2+${I_HEAD}]=s;f[k+${F_HEAD_TIME}]=s<tail?R[r]:Infinity;return s-first}`
  }

  /** Before rows are moved: their links to others are undone where others would still see them. */
  unlink(): string {
    const forget = this.layout.twins.map(
      (pair, i) => `{const x=${this.selected(pair, 'r')};if(x===x&&Q[2*r+${pair.next}]<0)seen.remove(slot,${i},x)}`,
    )
    if (forget.length === 0) return 'function unlink(){}'
    return `function unlink(f,g,k,slot){const k2=2*k;${RING}for(let s=g[k2+${I_HEAD}];s<g[k2+${I_TAIL}];s++){const r=${this.row('s')};${forget.join('')}}}`
  }

  /** Sets everything that is derived from the rows, for the moment in the record's anchor. The rows are not linked. */
  rebuild(): string {
    const { edges, windows, stacks, twins, quantities } = this.layout
    const zero = quantities.map((quantity) => {
      if (quantity.kind === 'sum' || quantity.kind === 'squares')
        return `f[k+${quantity.at}]=0;f[k+${quantity.at + 1}]=0;${quantity.exact ? '' : `f[k+${quantity.at + 2}]=0;g[k2+${quantity.slides}]=0;`}`
      const start =
        quantity.kind === 'first'
          ? this.lo(quantity.window)
          : quantity.kind === 'extreme' || quantity.kind === 'last' || quantity.kind === 'ranked'
            ? '-1'
            : '0'
      return `g[k2+${quantity.at}]=${start};`
    })
    const link = twins.map((pair, i) => `{const x=${this.selected(pair, 'r')};if(x===x)${this.linkTwin(pair, i)}}`).join('')
    const bounds = [
      ...edges.map(({ endMs, hi, enterAt }) =>
        endMs === 0
          ? ''
          : `{let s=head;while(s<tail&&R[${this.row('s')}]<=at-${endMs})s++;g[k2+${hi}]=s;f[k+${enterAt}]=s<tail?R[${this.row('s')}]+${endMs}:Infinity}`,
      ),
      ...windows.map(
        ({ startMs, lo, leaveAt }) =>
          `{let s=head;while(s<tail&&R[${this.row('s')}]<at-${startMs})s++;g[k2+${lo}]=s;f[k+${leaveAt}]=s<tail?R[${this.row('s')}]+${startMs}:Infinity}`,
      ),
    ]
    const fill = edges.map((_, e) => `for(let s=head,end=${this.hi(e)};s<end;s++){const r=${this.row('s')};${this.intoEdge(e, true)}}`)
    return `function rebuild(f,g,k,slot){const k2=2*k;${RING}
const head=g[k2+${I_HEAD}],tail=g[k2+${I_TAIL}],at=f[k+${F_ANCHOR}];
f[k+${F_HEAD_TIME}]=head<tail?R[${this.row('head')}]:Infinity;
${bounds.join('\n')}
${stacks.map(({ top }) => `g[k2+${top}]=-1;`).join('')}${zero.join('')}
${link && `for(let s=head;s<tail;s++){const r=${this.row('s')};${link}}`}
${fill.join('\n')}}`
  }
}

/** A dropped row's text goes on being held by the record, in place of the one before. */
function keepText(word: number, value: string): string {
  return `{const t=f[k+${word}],x=${value};if(x===x)texts.retain(x);if(t===t)texts.release(t);f[k+${word}]=x}`
}
