/** What takes back a call's changes when it throws: the state is then as if the call had not been. */
export class Undo {
  readonly #steps: (() => void)[] = []

  note(step: () => void): void {
    this.#steps.push(step)
  }

  keep(): void {
    this.#steps.length = 0
  }

  takeBack(): void {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) step()
  }
}
