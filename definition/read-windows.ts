/** Windows of a SELECT: named ones and those written inside OVER (…), which get a name of their own. */
import type { Node, WindowDef } from 'libpg-query'
import type { Places } from './check-view.ts'
import { frameProblem, MAX_FRAME_ROWS } from './check-window.ts'
import { canonicalJson } from './feature-id.ts'
import { findName } from './identifiers.ts'
import type { Bound, Exclude, RowBound, Window } from './model.ts'
import { firstLocation, type ReadContext } from './read-context.ts'
import type { WindowHint } from './read-hints.ts'
import { type Key, readEventTime, readKeyColumns } from './read-key.ts'
import { readInterval } from './read-values.ts'
import { didYouMean } from './suggest.ts'
import { frameName } from './window-words.ts'

// Frame options of PostgreSQL's parsenodes.h
const ROWS = 0x4
const GROUPS = 0x8
const FOLLOWING = 0x80 | 0x100 | 0x2000 | 0x4000
const START_UNBOUNDED = 0x20
const START_OFFSET = 0x800
const END_UNBOUNDED_PRECEDING = 0x40
const END_OFFSET = 0x1000
const EXCLUDES: readonly (readonly [number, Exclude])[] = [
  [0x8000, 'current_row'],
  [0x10000, 'group'],
  [0x20000, 'ties'],
]
const NON_DEFAULT = 0x1

export class WindowReader {
  readonly windows: Window[] = []
  /** The key: of the first window that has one. */
  key: Key | undefined
  readonly #context: Omit<ReadContext, 'windowOf' | 'partitionOf'>
  readonly #eventTime: string | undefined
  readonly #places: Places
  /** Definitions by name, for windows built upon others. */
  readonly #named = new Map<string, WindowDef>()

  constructor(context: Omit<ReadContext, 'windowOf' | 'partitionOf'>, eventTime: string | undefined) {
    this.#context = context
    this.#eventTime = eventTime
    this.#places = context.places
  }

  readClause(clause: readonly Node[]): void {
    for (const node of clause) {
      if (!('WindowDef' in node)) continue
      const definition = node.WindowDef
      // the tree's location is that of the parenthesis: name AS (
      const nameToken = this.#context.tokens.at(definition.location, -2)
      const { name } = this.#context.tokens.name(nameToken, definition.name ?? '')
      const duplicate = this.#named.has(name)
      if (duplicate) this.#context.problem('duplicate_window', nameToken?.start, `window \`${name}\` is defined twice`)
      const window = this.#read(definition, name)
      if (window) this.#places.set(window, 'name', this.#context.tokens.place(nameToken?.start))
      if (duplicate) continue
      this.#named.set(name, this.#whole(definition, true) ?? definition)
      this.windows.push(window ?? unsound(name))
    }
  }

  /** Hints speak of windows of the WINDOW clause: those inside OVER have no name of their own. */
  applyHints(hints: readonly WindowHint[]): void {
    for (const hint of hints) {
      const { name, written, part, value, place, byte } = hint
      const names = [...this.#named.keys()]
      const { found } = findName(written, names)
      const window = this.windows.find((one) => one.name === found)
      if (!window) {
        this.#context.problem('unknown_window', byte, `there is no window \`${written.name}\` for ${name}`, didYouMean(written.name, names))
      } else if (window.mode === 'rows' && part === 'precision') {
        this.#context.problem('bad_hint', byte, `window \`${window.name}\` counts rows: ${name} is for RANGE`)
      } else {
        const known = (window as Record<string, unknown>)[part]
        if (known !== undefined && canonicalJson(known) !== canonicalJson(value))
          this.#context.problem('bad_hint', byte, `${name} is given twice for window \`${window.name}\`, with different values`)
        Object.assign(window, { [part]: value })
        this.#places.set(window, part, place)
      }
    }
  }

  /** The window that an OVER means, by name. What is wrong with it is reported; the rest of the expression is checked all the same. */
  windowOf(over: WindowDef): string {
    const { tokens } = this.#context
    const names = [...this.#named.keys()]
    if (over.name) {
      const written = tokens.name(tokens.at(over.location), over.name)
      return findName(written, names).found ?? written.name
    }
    const bare = over.refname && !over.partitionClause && !over.orderClause && !((over.frameOptions ?? 0) & NON_DEFAULT)
    if (bare) {
      const { found } = findName({ name: over.refname ?? '', quoted: false }, names)
      if (found !== undefined) return found
    }
    const window = this.#read(over, '') ?? unsound('')
    const meaning = ({ name: _, ...rest }: Window) => canonicalJson(rest)
    const same = this.windows.find((one) => meaning(one) === meaning(window))
    if (same) return same.name
    const taken = new Set([...names, ...this.windows.map(({ name }) => name)].map((name) => name.toLowerCase()))
    const wanted = frameName(window)
    let name = wanted
    for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`
    const named: Window = { ...window, name }
    for (const part of ['name', 'start', 'end']) this.#places.set(named, part, tokens.place(over.location))
    this.windows.push(named)
    return name
  }

  /** The OVER of a feature in TypeScript: it says the key and the order. Such a feature sees every event of its key, so a frame is refused. */
  partitionOf(over: WindowDef): void {
    const name = over.name ?? over.refname
    const found = name === undefined ? undefined : findName({ name, quoted: false }, [...this.#named.keys()]).found
    const window = found === undefined ? undefined : this.#named.get(found)
    if (name !== undefined && !window) {
      this.#context.problem(
        'unknown_window',
        over.location,
        `there is no window \`${name}\``,
        didYouMean(name, [...this.#named.keys()]) ?? 'OVER (PARTITION BY … ORDER BY …)',
      )
      return
    }
    const whole: WindowDef = {
      ...over,
      partitionClause: over.partitionClause ?? window?.partitionClause,
      orderClause: over.orderClause ?? window?.orderClause,
    }
    if (((over.frameOptions ?? 0) | (window?.frameOptions ?? 0)) & NON_DEFAULT) {
      this.#context.problem(
        'bad_frame',
        over.location,
        'a feature in TypeScript sees every event of its key: a frame means nothing to it',
        'OVER (PARTITION BY … ORDER BY …), or no OVER where the view has a window',
      )
      return
    }
    if (this.#readKey(whole)) this.#readOrder(whole)
  }

  /** A window built upon another (`OVER (w RANGE …)`): what it does not say comes from there. */
  #whole(definition: WindowDef, silent = false): WindowDef | undefined {
    if (!definition.refname) return definition
    const names = [...this.#named.keys()]
    const found = findName({ name: definition.refname, quoted: false }, names).found
    const base = found === undefined ? undefined : this.#named.get(found)
    if (!base) {
      if (!silent)
        this.#context.problem(
          'unknown_window',
          definition.location,
          `there is no window \`${definition.refname}\` before this one`,
          didYouMean(definition.refname, names),
        )
      return undefined
    }
    if ((base.frameOptions ?? 0) & NON_DEFAULT) {
      if (!silent)
        this.#context.problem(
          'bad_frame',
          definition.location,
          `window \`${definition.refname}\` has a frame, nothing can be built upon it`,
          'write this window out',
        )
      return undefined
    }
    return {
      ...definition,
      partitionClause: definition.partitionClause ?? base.partitionClause,
      orderClause: definition.orderClause ?? base.orderClause,
    }
  }

  #read(given: WindowDef, name: string): Window | undefined {
    const definition = this.#whole(given)
    if (!definition) return undefined
    const keyIsSound = this.#readKey(definition)
    const orderIsSound = this.#readOrder(definition)
    const frame = this.#readFrame(definition)
    if (!frame || !keyIsSound || !orderIsSound) return undefined
    const window: Window = { name, ...frame }
    const place = this.#context.tokens.place(given.location)
    for (const part of ['name', 'start', 'end']) this.#places.set(window, part, place)
    this.#places.set(window, 'start', this.#context.tokens.place(firstLocation(definition.startOffset) ?? given.location))
    this.#places.set(window, 'end', this.#context.tokens.place(firstLocation(definition.endOffset) ?? given.location))
    return window
  }

  #readKey(definition: WindowDef): boolean {
    const { problem } = this.#context
    const columns = definition.partitionClause ?? []
    if (columns.length === 0) {
      problem('no_key', definition.location, 'this window has no key', 'add PARTITION BY and the fields that features are keyed by')
      return false
    }
    const key = readKeyColumns(columns, 'PARTITION BY', this.#context)
    if (!key) return false
    if (!this.key) this.key = key
    else if (this.key.names.length !== key.names.length || !key.names.every((one) => this.key?.names.includes(one))) {
      problem(
        'different_keys',
        firstLocation(columns[0]),
        `all windows of a view have one key: this one has ${key.names.join(', ')}, the first ${this.key.names.join(', ')}`,
        'make two views of it',
      )
      return false
    }
    return true
  }

  #readOrder(definition: WindowDef): boolean {
    const eventTime = this.#eventTime
    const hint = `ORDER BY ${eventTime ?? 'event_time'}`
    const refuse = (byte: number | undefined, message: string) => {
      this.#context.problem('bad_window_order', byte, message, hint)
      return false
    }
    const [first, ...rest] = definition.orderClause ?? []
    if (!first || !('SortBy' in first)) return refuse(definition.location, 'a window must be ordered by the event time')
    if (rest.length > 0) return refuse(firstLocation(rest[0]), 'a window is ordered by the event time alone')
    const { node, sortby_dir: direction } = first.SortBy
    if (direction === 'SORTBY_DESC' || direction === 'SORTBY_USING')
      return refuse(firstLocation(node), 'a window is ordered by the event time, ascending')
    return readEventTime(node, eventTime, 'a window is ordered by', hint, this.#context)
  }

  #readFrame(definition: WindowDef): FrameOf | undefined {
    const { problem } = this.#context
    const options = definition.frameOptions ?? 0
    const at = definition.location
    const example = "RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW"
    if (options & GROUPS) problem('bad_frame', at, 'GROUPS frames are not part of the language', `ROWS, or ${example}`)
    else if (options & FOLLOWING) problem('bad_frame', at, 'a frame cannot look into the future (FOLLOWING)', 'end it at CURRENT ROW')
    if (options & (GROUPS | FOLLOWING)) return undefined
    const excluded = EXCLUDES.find(([flag]) => options & flag)?.[1]
    const frame = options & ROWS ? this.#readRows(definition, options) : this.#readRange(definition, options)
    if (!frame) return undefined
    const wrong = frameProblem(frame)
    if (!wrong) return { ...frame, ...(excluded && { exclude: excluded }) }
    const byte =
      firstLocation(wrong.part === 'start' ? definition.startOffset : definition.endOffset) ?? firstLocation(definition.endOffset) ?? at
    problem(wrong.code, byte, wrong.message, wrong.hint)
    return undefined
  }

  #readRange({ startOffset, endOffset }: WindowDef, options: number): FrameOf | undefined {
    const start = boundOf(options & START_UNBOUNDED, options & START_OFFSET, () => this.#readInterval(startOffset))
    const end = boundOf(options & END_UNBOUNDED_PRECEDING, options & END_OFFSET, () => this.#readInterval(endOffset))
    return start && end && { mode: 'range', start, end }
  }

  #readRows({ startOffset, endOffset }: WindowDef, options: number): FrameOf | undefined {
    const start = boundOf(options & START_UNBOUNDED, options & START_OFFSET, () => this.#readCount(startOffset))
    const end = boundOf(options & END_UNBOUNDED_PRECEDING, options & END_OFFSET, () => this.#readCount(endOffset))
    return start && end && { mode: 'rows', start, end }
  }

  #readInterval(node: Node | undefined): Bound | undefined {
    const interval = readInterval(node, this.#context)
    if (interval === 'none') {
      this.#context.problem(
        'bad_frame',
        firstLocation(node),
        'the bound of a RANGE frame must be an interval',
        "INTERVAL '3' HOUR PRECEDING",
      )
      return undefined
    }
    return interval && { kind: 'preceding', interval }
  }

  #readCount(node: Node | undefined): RowBound | undefined {
    const constant = node && 'A_Const' in node ? node.A_Const : undefined
    if (constant?.ival) return { kind: 'rows', count: constant.ival.ival ?? 0 }
    this.#context.problem(
      'bad_frame',
      firstLocation(node),
      `the bound of a ROWS frame is a number of rows from 0 to ${MAX_FRAME_ROWS}`,
      'ROWS BETWEEN 9 PRECEDING AND CURRENT ROW',
    )
    return undefined
  }
}

type FrameOf = Omit<Extract<Window, { mode: 'range' }>, 'name'> | Omit<Extract<Window, { mode: 'rows' }>, 'name'>

function boundOf<T>(unbounded: number, offset: number, read: () => T): T | { kind: 'unbounded' } | { kind: 'current' } {
  if (unbounded) return { kind: 'unbounded' }
  return offset ? read() : { kind: 'current' }
}

/** Stands for a window with a reported problem, so that expressions over it are checked and their windows found. */
function unsound(name: string): Window {
  return { name, mode: 'range', start: { kind: 'unbounded' }, end: { kind: 'current' } }
}
