/**
 * Everything that the engine waits for, in one place: an operation is done when the scheduler lets it, in an order that the seed
 * decides. Operations are counted, and the process "dies" before the one it is told to die at: what was pending never happens.
 */
import type { Random } from './random.fixture.ts'

export class Died extends Error {
  override readonly name = 'Died'
}

interface Pending {
  readonly run: number
  readonly act: () => void
}

export class Scheduler {
  /** operations of the process that lives, by name, for reports */
  operations = 0
  /** it dies before this operation */
  dieAt = Number.POSITIVE_INFINITY
  /** the process that lives; others are dead, or stopped */
  run = 0
  /** why it is dead; null: it lives */
  death: string | null = null
  private pending: Pending[] = []
  private readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  /** A new process: what others were waiting for stays undone. */
  begin(run: number, dieAt: number): void {
    this.run = run
    this.operations = 0
    this.dieAt = dieAt
    this.death = null
  }

  /** An operation that happens at once. */
  now(run: number, name: string): void {
    if (run === this.run) this.count(name)
    if (run === this.run && this.death) throw new Died(this.death)
  }

  /** An operation that is waited for. */
  later<T>(run: number, name: string, act: () => T | Promise<T>): Promise<T> {
    if (run === this.run) this.count(name)
    if (run === this.run && this.death) return new Promise(() => {})
    return new Promise((resolve, reject) => {
      const done = () => {
        try {
          resolve(act())
        } catch (error) {
          reject(error as Error)
        }
      }
      this.pending.push({ run, act: done })
    })
  }

  private count(name: string): void {
    if (this.death === null && ++this.operations === this.dieAt) this.death = `before operation ${this.operations}, ${name}`
  }

  /** Does one of the process's pending operations. False: there is none. */
  release(run = this.run): boolean {
    const own = this.pending.filter((one) => one.run === run)
    if (own.length === 0) return false
    const chosen = this.random.pick(own)
    this.pending.splice(this.pending.indexOf(chosen), 1)
    chosen.act()
    return true
  }

  forget(run: number): void {
    this.pending = this.pending.filter((one) => one.run !== run)
  }
}

/** All continuations that can go on have gone on. */
export const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
