/**
 * The mutants: deliberate faults of the product, each of which a named test must find. `edits` are applied to one file, every
 * `search` text standing there exactly once; `test` is the part of its title that names the test in `by`.
 * @type {{ name: string, why: string, file: string, edits: { search: string, replace: string }[], by: string, test: string }[]}
 */
export const mutants = [
  {
    name: 'barrier-alignment',
    why: 'the sink acknowledges at the first barrier instead of waiting for those of all its inputs',
    file: 'engine/task/sink-task.ts',
    edits: [{ search: 'if (this.blocked.size < this.inputs.length) return', replace: '' }],
    by: 'engine/task/pipeline.test.ts',
    test: 'a snapshot holds exactly the effects of positions before the cut',
  },
  {
    name: 'position-plus-one',
    why: 'a position is the last record read, not the next one',
    file: 'engine/task/source-task.ts',
    edits: [{ search: 'this.next.set(partition, records.nextOffset)', replace: 'this.next.set(partition, records.nextOffset - 1)' }],
    by: 'engine/task/semantics.test.ts',
    test: 'semantics 2, 21: positions are exclusive',
  },
  {
    name: 'fsync-before-manifest',
    why: 'files of a snapshot are not synced before the manifest says that they are there',
    file: 'engine/checkpoint/snapshot-files.ts',
    edits: [{ search: 'await fs.syncFile(temporary)', replace: '' }],
    by: 'engine/checkpoint/crash.test.ts',
    test: 'semantics 14, 24: crash at every file operation',
  },
  {
    name: 'window-lower-bound',
    why: 'a row exactly at the far end of a RANGE frame falls out of it (plain road)',
    file: 'engine/state/key-rows.ts',
    edits: [{ search: 'if (times[middle]! < atMs) low', replace: 'if (times[middle]! <= atMs) low' }],
    by: 'engine/task/pipeline.test.ts',
    test: 'both ends included',
  },
  {
    name: 'window-lower-bound-compiled',
    why: 'the same on the compiled road',
    file: 'engine/compile/kernel-code.ts',
    edits: [{ search: 'if(R[r]>=limit)break', replace: 'if(R[r]>limit)break' }],
    by: 'engine/task/semantics.test.ts',
    test: 'planned road semantics 6',
  },
  {
    name: 'later-ties',
    why: 'rows of one millisecond are evaluated one by one, so that a row does not see its later ties (plain road)',
    file: 'engine/state/plain-operator.ts',
    edits: [
      { search: 'for (const row of rows) this.insert(row, timeMs)', replace: '' },
      {
        search: 'this.emit(row, out, shared)',
        replace: 'this.insert(row, timeMs); this.emit(row, out, null)',
      },
    ],
    by: 'engine/task/semantics.test.ts',
    test: 'plain road language 1',
  },
  {
    name: 'later-ties-compiled',
    why: 'the same on the compiled road',
    file: 'engine/state/slab-operator.ts',
    edits: [
      {
        search: 'for (const row of rows) this.insert(waiting.slots[row]!, timeMs, timeMs, waiting.positions[row]!, waiting.columns, row)',
        replace: '',
      },
      {
        search: 'this.emit(waiting.slots[row]!, timeMs, waiting.positions[row]!, waiting.columns, row, out, shared, false)',
        replace:
          'this.insert(waiting.slots[row]!, timeMs, timeMs, waiting.positions[row]!, waiting.columns, row); this.emit(waiting.slots[row]!, timeMs, waiting.positions[row]!, waiting.columns, row, out, null, false)',
      },
    ],
    by: 'engine/task/semantics.test.ts',
    test: 'planned road language 1',
  },
  {
    name: 'subtract-min',
    why: 'an extreme goes on standing for rows that have left the window',
    file: 'engine/compile/kernel-code.ts',
    edits: [{ search: 'while(t>=0&&t<s)t=', replace: 'while(t>=0&&t<0)t=' }],
    by: 'engine/task/semantics.test.ts',
    test: 'planned road semantics 7',
  },
  {
    name: 'late-dropped-silently',
    why: 'an event that is too late is neither counted nor kept in the side list',
    file: 'engine/task/source-task.ts',
    edits: [{ search: 'this.counts.late++', replace: 'return false' }],
    by: 'engine/task/pipeline.test.ts',
    test: 'later ones go to a side list with a counter',
  },
  {
    name: 'idle-watermark',
    why: 'an idle partition goes on holding back the watermark',
    file: 'engine/task/watermarks.ts',
    edits: [{ search: 'if (state.ended || state.idle) continue', replace: 'if (state.ended) continue' }],
    by: 'engine/task/pipeline.test.ts',
    test: 'an idle one stops holding it back, and comes back',
  },
  {
    name: 'idle-watermark-for-ever',
    why: 'an idle partition that has events again does not count again (FLINK-32496)',
    file: 'engine/task/watermarks.ts',
    edits: [{ search: 'state.idle = false', replace: '' }],
    by: 'engine/task/pipeline.test.ts',
    test: 'an idle one stops holding it back, and comes back',
  },
  {
    name: 'epoch-not-checked',
    why: 'the online store takes rows of a job that was fenced',
    file: 'engine/sink/online-store.ts',
    edits: [{ search: 'if (stored > at.epoch)', replace: 'if (stored < 0)' }],
    by: 'engine/sink/embedded.test.ts',
    test: 'LMDB: semantics 18, promise 11: a lower epoch is refused',
  },
  {
    name: 'key-group-hash',
    why: 'another hash of keys: stored state and its keys part',
    file: 'engine/state/hash.ts',
    edits: [{ search: '0x85ebca6b', replace: '0x85ebca6d' }],
    by: 'engine/state/hash.test.ts',
    test: 'semantics 9: key groups of known keys',
  },
  {
    name: 'ttl-reset-on-restore',
    why: 'the time after which a key is forgotten begins again at a restore (plain road)',
    file: 'engine/state/plain-operator.ts',
    edits: [{ search: 'for (const rows of keys) {', replace: 'for (const rows of keys) {\nrows.asOfMs += this.ttl.endMs(0)' }],
    by: 'engine/task/semantics.test.ts',
    test: 'plain road semantics 13: ttl is not reset by a restore',
  },
  {
    name: 'timer-lost-on-rescale',
    why: 'timers that were pending are not set again after a restore (plain road)',
    file: 'engine/state/plain-operator.ts',
    edits: [
      {
        search: 'rows.validUntilMs = nextChangeMs(this.evaluator.plan, rows, rows.settledMs, this.ttl)\n      this.setTimer(rows)',
        replace: 'rows.validUntilMs = nextChangeMs(this.evaluator.plan, rows, rows.settledMs, this.ttl)',
      },
    ],
    by: 'engine/task/semantics.test.ts',
    test: 'plain road semantics 5',
  },
  {
    name: 'timer-lost-on-rescale-compiled',
    why: 'the same on the compiled road',
    file: 'engine/state/slab-operator.ts',
    edits: [
      {
        search: 'this.knownKeys++\n    f[k + F_VALID_UNTIL] = this.validUntil(f, g, k)\n    this.setTimer(f, k, slot)',
        replace: 'this.knownKeys++\n    f[k + F_VALID_UNTIL] = this.validUntil(f, g, k)',
      },
    ],
    by: 'engine/task/semantics.test.ts',
    test: 'planned road semantics 5',
  },
  {
    name: 'directory-not-durable',
    why: 'directories that a killed process has made are never synced: the machine stops, and every checkpoint is gone',
    file: 'engine/checkpoint/snapshot-files.ts',
    edits: [{ search: '(isInside(made) && !durable.has(made))', replace: 'false' }],
    by: 'engine/checkpoint/crash.test.ts',
    test: 'directories that a killed process made and did not come to syncing',
  },
  {
    name: 'null-counted',
    why: 'COUNT(DISTINCT x) counts NULL',
    file: 'engine/compile/aggregates.ts',
    edits: [
      {
        search: 'if (value === null || (filter && filter[i] !== true) || marks.get(value) === scan)',
        replace: 'if ((filter && filter[i] !== true) || marks.get(value) === scan)',
      },
    ],
    by: 'engine/task/semantics.test.ts',
    test: 'plain road semantics 8',
  },
  {
    name: 'division-by-zero',
    why: 'a division by zero is not noticed as one',
    file: 'engine/compile/arithmetic.ts',
    edits: [{ search: 'if (b === 0) {', replace: 'if (false) {' }],
    by: 'engine/compile/expr.test.ts',
    test: 'language 13: division by zero is NULL, and counted: i / 0',
  },
  {
    name: 'extractor-duplicate-key',
    why: 'of a field given twice the first one counts',
    file: 'engine/compile/byte-extractor.ts',
    edits: [
      {
        search: '{bit})return false;',
        replace: '{bit}){p=skipValue(b,p,end);if(p<0)return false;break}',
      },
    ],
    by: 'engine/compile/byte-extractor.test.ts',
    test: 'language 18: a field given twice: the last one counts',
  },
]
