/** Time since the n-th last event that stood above the key's own moving average: the average is one over earlier values, event by event. */
import { defineFeature, listState, valueState } from './evenflow.ts'

export default defineFeature({
  name: 'since_peak',
  doc: "Milliseconds since the n-th last event above the key's own moving average (an exponential one).",
  input: { value: 'double' },
  output: 'int',
  parameters: { n: { type: 'int', default: 1 }, weight: { type: 'double', default: 0.2 } },
  state: { mean: valueState<number | null>(null), peaks: listState<number>() },
  onEvent({ value }, { state, parameters, eventTimeMs }) {
    const mean = state.mean.get()
    if (mean !== null && value > mean) {
      const newest = [...state.peaks.get(), eventTimeMs].sort((a, b) => a - b)
      state.peaks.set(newest.slice(-parameters.n))
    }
    state.mean.set(mean === null ? value : mean + parameters.weight * (value - mean))
    const peaks = state.peaks.get()
    const nth = peaks[0]
    return peaks.length < parameters.n || nth === undefined ? null : Math.max(0, eventTimeMs - nth)
  },
})
