/**
 * Runs a feature file's JavaScript in a global scope of its own that has the language and nothing else: no process, no sockets, no
 * timers, no clock, no randomness. A guard against mistakes, not a wall against an attacker (docs/decisions/features-in-typescript.md).
 */
import { createContext, Script } from 'node:vm'
import * as api from '../evenflow.ts'

const LOAD_WITHIN_MS = 1000

/** Runs inside the scope, before the file: what would answer differently in another run throws and says what to use. */
const GUARD = new Script(
  `'use strict';
(() => {
  const refuse = (what, why) => { throw new Error(what + ' is not for features: ' + why) }
  const TIME = 'the time is ctx.eventTimeMs', OUTSIDE = 'a feature has no way outside: what it needs comes in as an input'
  Math.random = () => refuse('Math.random', 'take ctx.random(), the same in every run')
  const Real = Date
  const Safe = function Date(...parts) {
    if (!new.target) refuse('Date()', TIME)
    if (parts.length === 0) refuse('new Date()', TIME)
    if (parts.length > 1 || typeof parts[0] !== 'number') refuse('new Date of a text or of parts', 'it depends on the time zone; give milliseconds')
    return Reflect.construct(Real, parts, new.target)
  }
  Safe.prototype = Real.prototype
  Safe.UTC = Real.UTC
  Safe.now = () => refuse('Date.now', TIME)
  Safe.parse = () => refuse('Date.parse', 'it depends on the time zone; use timestamps')
  Real.prototype.constructor = Safe
  for (const name of Object.getOwnPropertyNames(Real.prototype))
    if (/^(get|set)(?!UTC|Time$)|^to(String|DateString|TimeString|Locale)/.test(name)) delete Real.prototype[name]
  globalThis.Date = Safe
  for (const prototype of [String, Number, Array, BigInt, Object].map((one) => one.prototype))
    for (const name of Object.getOwnPropertyNames(prototype)) if (/^(toLocale|locale)/.test(name)) delete prototype[name]
  for (const name of ['Intl', 'WebAssembly', 'Atomics', 'SharedArrayBuffer', 'WeakRef', 'FinalizationRegistry', 'console', 'process', 'require',
    'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance'])
    Object.defineProperty(globalThis, name, { get: () => refuse(name, OUTSIDE), configurable: false })
  Object.freeze(Math)
  Object.freeze(Date)
})()`,
  { filename: 'guard.js' },
)

/** What the file's default export is. @throws whatever the file throws, or an Error where it takes too long */
export function evaluateSource(source: string, file: string): unknown {
  const scope = createContext(Object.create(null), {
    name: file,
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: 'afterEvaluate',
  })
  GUARD.runInContext(scope)
  const exports: { default?: unknown } = {}
  // on the first line, so that lines in error messages are those of the file
  const script = new Script(`(function (evenflow, exports) { 'use strict'; ${source}\n})`, { filename: file })
  const run = script.runInContext(scope, { timeout: LOAD_WITHIN_MS }) as (...args: unknown[]) => void
  Object.assign(scope, { __run: () => run(api, exports) })
  new Script('__run()').runInContext(scope, { timeout: LOAD_WITHIN_MS })
  Reflect.deleteProperty(scope, '__run')
  return exports.default
}
