/** A set of positions: a bit for each, in pages that are there where something stands. */
const PAGE_BITS = 16
const PAGE_OFFSETS = 2 ** PAGE_BITS

/** by partition and number of the page; plain, so that it can be passed to another thread */
export type PositionPages = Map<number, Map<number, Uint8Array>>

export class PositionSet {
  readonly pages: PositionPages
  /** the page last looked at: neighbours follow one another */
  private partition = Number.NaN
  private number = Number.NaN
  private page: Uint8Array | undefined

  constructor(pages: PositionPages = new Map()) {
    this.pages = pages
  }

  has(partition: number, offset: number): boolean {
    const page = this.pageOf(partition, offset)
    return page !== undefined && (page[(offset % PAGE_OFFSETS) >> 3]! & (1 << (offset & 7))) !== 0
  }

  add(partition: number, offset: number): void {
    let page = this.pageOf(partition, offset)
    if (!page) {
      page = new Uint8Array(PAGE_OFFSETS / 8)
      let pages = this.pages.get(partition)
      if (!pages) this.pages.set(partition, (pages = new Map()))
      pages.set(this.number, page)
      this.page = page
    }
    page[(offset % PAGE_OFFSETS) >> 3]! |= 1 << (offset & 7)
  }

  private pageOf(partition: number, offset: number): Uint8Array | undefined {
    const number = Math.floor(offset / PAGE_OFFSETS)
    if (number !== this.number || partition !== this.partition) {
      this.partition = partition
      this.number = number
      this.page = this.pages.get(partition)?.get(number)
    }
    return this.page
  }
}
