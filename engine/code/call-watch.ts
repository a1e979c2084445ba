/**
 * Shared memory that says which call of a feature is going on, for a watcher in another thread: it sees the same call twice where one
 * does not come back. No clock here: the watcher has one.
 */
const WORDS = 4
const [CALL, FEATURE, PARTITION, OFFSET] = [0, 1, 2, 3]

export interface CallSeen {
  /** number of the call, from 1; 0: none is going on */
  readonly call: number
  /** index among the view's features in TypeScript */
  readonly feature: number
  readonly partition: number
  readonly offset: number
}

export class CallWatch {
  readonly memory: SharedArrayBuffer
  readonly #words: Float64Array
  #calls = 0

  /** `memory`: of another thread's watch, to look at it. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 8)) {
    this.memory = memory
    this.#words = new Float64Array(memory)
  }

  enter(feature: number, partition: number, offset: number): void {
    const words = this.#words
    words[FEATURE] = feature
    words[PARTITION] = partition
    words[OFFSET] = offset
    words[CALL] = ++this.#calls
  }

  leave(): void {
    this.#words[CALL] = 0
  }

  look(): CallSeen {
    const words = this.#words
    return { call: words[CALL]!, feature: words[FEATURE]!, partition: words[PARTITION]!, offset: words[OFFSET]! }
  }
}
