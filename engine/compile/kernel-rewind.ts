/**
 * The part of a kernel's source text that goes back: newer rows are taken off again and windows moved back to an earlier moment, so
 * that an event behind others of its key costs what lies between, not what its windows hold. For windows that all end now.
 * Names as in kernel-words.ts.
 */
import { F_ANCHOR, F_HEAD_TIME, I_HEAD, I_TAIL } from '../state/slab-keys.ts'
import { KernelCode } from './kernel-code.ts'
import type { Quantity, Stack } from './kernel-layout.ts'
import { RING } from './kernel-words.ts'

export class KernelRewind extends KernelCode {
  /** The newest row is taken off; its words stay where they are, behind the ring's end. */
  part(): string {
    const { windows, twins, stacks, quantities } = this.layout
    const unlink = twins.map(
      (pair, i) => `{const x=${this.selected(pair, 'r')};if(x===x){const t=Q[2*r+${pair.previous}];
if(t>=head){Q[2*(${this.row('t')})+${pair.next}]=-1;seen.put(slot,${i},x,t)}else seen.remove(slot,${i},x)}}`,
    )
    const out = windows.map(({ leaveAt, lo }, w) => {
      const own = quantities.filter((quantity) => quantity.window === w)
      const behind = own.map(({ kind, at }) => (kind === 'last' ? `if(g[k2+${at}]===s)g[k2+${at}]=-1;` : '')).join('')
      return `if(s>=${this.lo(w)}){${own.map((quantity) => this.takeBack(quantity)).join('')}}else{g[k2+${lo}]=s;${behind}}
if(${this.lo(w)}===s)f[k+${leaveAt}]=Infinity;${own.map((quantity) => (quantity.kind === 'first' ? `if(g[k2+${quantity.at}]>s)g[k2+${quantity.at}]=s;` : '')).join('')}`
    })
    return `function part(f,g,k,slot){const k2=2*k;${RING}const head=g[k2+${I_HEAD}],s=g[k2+${I_TAIL}]-1,r=${this.row('s')};
${out.join('')}${stacks.map((stack, i) => this.pop(stack, i)).join('')}${unlink.join('')}
g[k2+${I_TAIL}]=s;if(s===head)f[k+${F_HEAD_TIME}]=Infinity}`
  }

  /** Row s at r, the newest, goes out of a window that holds it. */
  private takeBack(quantity: Quantity): string {
    const { at } = quantity
    switch (quantity.kind) {
      case 'distinct': {
        const { previous } = this.layout.twins[quantity.twins]!
        return `{const x=${this.selected(quantity, 'r')};if(x===x&&Q[2*r+${previous}]<${this.lo(quantity.window)})g[k2+${at}]--}`
      }
      case 'last':
        return `if(g[k2+${at}]===s){let t=s-1;while(t>=${this.lo(quantity.window)}&&!(${this.passes(quantity.filter, this.row('t'))}))t--;g[k2+${at}]=t<${this.lo(quantity.window)}?-1:t}`
      default:
        return this.leave(quantity)
    }
  }

  /** Row s at r, the newest, goes off the stack; those that it had beaten are on it again. */
  private pop(stack: Stack, index: number): string {
    const { top, previous, next } = stack
    const fronts = this.layout.quantities.filter((quantity) => quantity.kind === 'extreme' && quantity.stack === index)
    return `if(g[k2+${top}]===s){const below=Q[2*r+${previous}];
let t=s-1;while(t>=head){const x=${this.selected(stack, this.row('t'))};if(x===x)break;t--}
if(t<head)t=-1;g[k2+${top}]=t;
while(t>=head&&t!==below){const u=Q[2*(${this.row('t')})+${previous}];if(u>=head)Q[2*(${this.row('u')})+${next}]=t;t=u}
${fronts.map((quantity) => `if(g[k2+${quantity.at}]===s){g[k2+${quantity.at}]=-1;${this.findFront(quantity)}}`).join('')}}`
  }

  /** The oldest row of the window on the stack, looked for from the one that is known, else from the top. */
  private findFront(quantity: Quantity): string {
    if (quantity.kind !== 'extreme') return ''
    const { top, previous } = this.layout.stacks[quantity.stack]!
    return `{let t=g[k2+${quantity.at}];if(t<0)t=g[k2+${top}];while(t>=${this.lo(quantity.window)}){g[k2+${quantity.at}]=t;t=Q[2*(${this.row('t')})+${previous}]}}`
  }

  /** Moves all windows back to the moment `at`, of which no row is newer. */
  retreat(): string {
    const windows = this.layout.windows.map(({ startMs, lo, leaveAt }, w) => {
      const own = this.layout.quantities.filter((quantity) => quantity.window === w)
      return `{const limit=at-${startMs};let s=g[k2+${lo}];
while(s>head){const r=${this.row('(s-1)')};if(R[r]<limit)break;s--;${own.map((quantity) => this.bringBack(quantity)).join('')}}
g[k2+${lo}]=s;f[k+${leaveAt}]=s<tail?R[${this.row('s')}]+${startMs}:Infinity;${own.map((quantity) => this.findFront(quantity)).join('')}}`
    })
    return `function retreat(f,g,k,at){const k2=2*k;${RING}const head=g[k2+${I_HEAD}],tail=g[k2+${I_TAIL}];${windows.join('')}f[k+${F_ANCHOR}]=at}`
  }

  /** Row s at r is the oldest of the window again. */
  private bringBack(quantity: Quantity): string {
    const { at } = quantity
    switch (quantity.kind) {
      case 'distinct':
        return `{const x=${this.selected(quantity, 'r')};if(x===x){const n=Q[2*r+${this.layout.twins[quantity.twins]!.next}];if(n<0||n>=tail)g[k2+${at}]++}}`
      case 'first':
        return `if(${this.passes(quantity.filter, 'r')})g[k2+${at}]=s;`
      case 'last':
        return `if(g[k2+${at}]<s&&${this.passes(quantity.filter, 'r')})g[k2+${at}]=s;`
      default:
        return this.enter(quantity)
    }
  }
}
