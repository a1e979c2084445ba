/** A question is not an event: it counts nothing. What it would have counted tells why a value of it is NULL. */
import type { Counters } from '../compile/value.ts'
import type { KeyReading } from './operator.ts'

export function askWithoutCounting(counters: Counters, ask: () => KeyReading): KeyReading {
  const before = { ...counters }
  const reading = ask()
  const raised = (Object.keys(before) as (keyof Counters)[]).filter((name) => counters[name] > before[name])
  Object.assign(counters, before)
  return raised.length > 0 ? { ...reading, problems: raised } : reading
}
