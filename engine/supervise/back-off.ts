/** Pauses between restarts: the first, doubling up to the longest; begins again after the job has run well for a while. */
export interface BackOff {
  /** The pause before the next start, ms. */
  next(range: { fromMs: number; toMs: number }, ranForMs: number): number
}

const RAN_WELL_MS = 30_000

export function backOff(): BackOff {
  let failures = 0
  return {
    next({ fromMs, toMs }, ranForMs) {
      if (ranForMs >= RAN_WELL_MS) failures = 0
      return Math.min(toMs, fromMs * 2 ** Math.min(failures++, 30))
    },
  }
}
