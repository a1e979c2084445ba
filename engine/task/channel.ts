/** A bounded first-in first-out way between two subtasks. Barriers and watermarks travel in it, in line with the data. */
export interface Barrier {
  readonly id: number
  readonly triggeredAtMs: number
}

export type Element<T> =
  | { readonly kind: 'data'; readonly data: T }
  | { readonly kind: 'watermark'; readonly watermarkMs: number }
  | { readonly kind: 'barrier'; readonly barrier: Barrier }

/** `More`: what else travels in line. */
export class Channel<T, More = never> {
  private items: (Element<T> | More)[] = []
  private head = 0
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get size(): number {
    return this.items.length - this.head
  }

  /** Full channels hold their writer back. Barriers and watermarks may still be put in: they take no room worth speaking of. */
  get full(): boolean {
    return this.size >= this.capacity
  }

  push(element: Element<T> | More): void {
    this.items.push(element)
  }

  peek(): Element<T> | More | undefined {
    return this.items[this.head]
  }

  *newestFirst(): Generator<Element<T> | More> {
    for (let i = this.items.length - 1; i >= this.head; i--) yield this.items[i]!
  }

  shift(): Element<T> | More | undefined {
    const element = this.items[this.head]
    if (element === undefined) return undefined
    this.head++
    if (this.head === this.items.length) {
      this.items = []
      this.head = 0
    }
    return element
  }
}
