/** A target in memory that behaves as the real ones must; it survives the jobs that write to it. */
import { Fenced } from '../sink/port.ts'
import { withEpoch } from './forwarded-row.ts'
import { type Fence, type ForwardTarget, isCovered, isLower, numberedAs, type Reach } from './port.ts'
import { beyond } from './staged-rows.ts'

export class MemoryTarget {
  readonly rows: string[] = []
  private reached: Reach | null = null
  private fence: Fence = [0, 0]

  /** `wait`: done before each operation, which may never come to be. */
  open(name = 'memory', wait: (what: string) => Promise<void> = async () => {}): ForwardTarget {
    const refuse = (fence: Fence) => {
      if (isLower(fence, this.fence)) throw new Fenced(`epoch ${fence.join('.')} is below ${this.fence.join('.')}`)
    }
    return {
      name,
      reached: async () => {
        await wait('reached')
        return this.reached
      },
      take: async (fence) => {
        await wait('take')
        refuse(fence)
        this.fence = fence
      },
      append: async ({ chunks, upTo, fence }) => {
        await wait('append')
        refuse(fence)
        const reached = numberedAs(this.reached, upTo.streams)
        if (isCovered(upTo, reached)) return { rows: 0, skipped: 0 }
        const taken: string[] = []
        let skipped = 0
        for (const chunk of chunks)
          skipped += beyond(chunk, reached, (json) => taken.push(Buffer.from(json).toString() + withEpoch(fence[0])))
        this.rows.push(...taken)
        this.reached = upTo
        this.fence = fence
        return { rows: taken.length, skipped }
      },
      close: async () => {},
    }
  }
}
