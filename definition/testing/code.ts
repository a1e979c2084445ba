/** For tests: features in TypeScript as the language sees them. Their code is not looked at here. */
import type { CodeFeature } from '../model.ts'

export const delayRun: CodeFeature = {
  name: 'delay_run',
  hash: 'aaaa',
  file: 'delay-run.ts',
  doc: 'A run.',
  inputs: [{ name: 'delay', type: 'int', nullable: false }],
  output: 'int',
  parameters: [
    { name: 'threshold', type: 'int', default: 15 },
    { name: 'share', type: 'double', default: 0.5 },
  ],
  ttlMs: null,
  source: 'exports.default = {}',
}

export const score: CodeFeature = {
  ...delayRun,
  name: 'score',
  hash: 'bbbb',
  inputs: [
    { name: 'value', type: 'double', nullable: true },
    { name: 'place', type: 'string', nullable: false },
  ],
  output: 'double',
  parameters: [{ name: 'mode', type: 'string', default: 'fast' }],
}
