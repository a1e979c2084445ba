/** Hands out words of a record: 64-bit ones, and 32-bit ones two to a word. */
export class Words {
  used: number
  private half = -1

  constructor(used: number) {
    this.used = used
  }

  wide(): number {
    return this.used++
  }

  narrow(): number {
    if (this.half >= 0) {
      const at = this.half
      this.half = -1
      return at
    }
    const word = this.used++
    this.half = word * 2 + 1
    return word * 2
  }
}
