/** Imports go one way (docs/explanation: the house). `npm run check` runs these rules. */
const our = '^(app|components|console|definition|contract|db|engine|features|scripts|bench|e2e|messages)/'
const test = '(\\.test\\.(ts|tsx|mjs)$|/testing/)'

/** `from` may import of our folders only those in `allowed` (and itself). */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: test },
  to: { path: our, pathNot: `^(${[from, ...allowed].join('|')})/` },
})

export default {
  forbidden: [
    only('definition-is-pure', 'definition', [], 'definition/ says what a view is; it knows nothing of the rest'),
    only(
      'contract-knows-definition',
      'contract',
      ['definition'],
      'contract/ is what console and engine share; only definition/ stands below it',
    ),
    only('db-stands-alone', 'db', ['definition', 'contract'], 'db/ is used by console and engine and knows neither'),
    only(
      'engine-not-console',
      'engine',
      ['definition', 'contract', 'db', 'features'],
      'the engine and the console meet in contract/ and in the database',
    ),
    only(
      'console-not-engine',
      'console',
      ['definition', 'contract', 'db', 'features'],
      'the console and the engine meet in contract/ and in the database',
    ),
    only(
      'components-below-app',
      'components',
      ['console', 'definition', 'contract', 'db', 'messages'],
      'components know nothing of pages, nor of the engine',
    ),
    only(
      'app-not-engine',
      'app',
      ['components', 'console', 'definition', 'contract', 'db', 'messages'],
      'pages and routes reach the engine through console/ alone',
    ),
    only(
      'features-stand-on-definition',
      'features/load',
      ['features', 'definition'],
      'what loads features knows neither the engine nor the console',
    ),
    {
      name: 'a-feature-imports-its-declaration-alone',
      comment: 'what a feature needs comes in as an input; docs/how-to/your-first-typescript-feature.md',
      severity: 'error',
      from: { path: '^features/[^/]+[.]ts$', pathNot: '^features/(evenflow|testing)[.]ts$|[.]test[.]ts$' },
      to: { pathNot: '^features/evenflow[.]ts$' },
    },
    {
      name: 'tests-may-use-more-but-the-engine-stays-out-of-the-console',
      comment: 'what holds for sources in this one point holds for their tests',
      severity: 'error',
      from: { path: '^(console|definition|contract|db)/.*\\.test\\.' },
      to: { path: '^engine/' },
    },
    {
      name: 'definition-and-contract-do-no-io',
      comment: 'pure: no files, no sockets, no database',
      severity: 'error',
      from: { path: '^(definition|contract)/', pathNot: test },
      to: { dependencyTypes: ['core'], path: '^(node:)?(fs|net|http|https|child_process|worker_threads|dgram|tls)(/|$)' },
    },
    {
      name: 'engine-core-does-no-io',
      comment: 'plan, compile, task and state are given their files, clock and sockets',
      severity: 'error',
      from: { path: '^engine/(plan|compile|task|state)/', pathNot: test },
      to: { dependencyTypes: ['core'], path: '^(node:)?(fs|net|http|https|child_process|dgram|tls|timers)(/|$)' },
    },
    {
      name: 'no-circles',
      comment: 'a circle of imports has no reading order',
      severity: 'error',
      from: { pathNot: '^db/generated/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: { pathNot: test },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: ['node_modules', 'db/generated'] },
    exclude: { path: '^(node_modules|\\.next|db/generated)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
      conditionNames: ['import', 'node', 'require', 'default'],
      exportsFields: ['exports'],
    },
  },
}
