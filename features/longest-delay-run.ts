/** The longest run of delayed departures so far: SQL's windows cannot count consecutive events. */
import { defineFeature, valueState } from './evenflow.ts'

export default defineFeature({
  name: 'longest_delay_run',
  doc: 'Longest run of consecutive events delayed by more than the threshold (minutes).',
  input: { delay: 'int' },
  output: 'int',
  parameters: { threshold: { type: 'int', default: 15 } },
  state: { run: valueState(0), longest: valueState(0) },
  onEvent({ delay }, { state, parameters }) {
    state.run.set(delay > parameters.threshold ? state.run.get() + 1 : 0)
    state.longest.set(Math.max(state.longest.get(), state.run.get()))
    return state.longest.get()
  },
})
