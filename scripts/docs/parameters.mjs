/**
 * Writes docs/reference/parameters.md from the registry in definition/parameters.ts: `node scripts/docs/parameters.mjs`.
 * parameters.test.mjs fails where the page is not what this writes.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { formatValue } from '../../definition/parameter-values.ts'
import { defaultOf, formatParameter, PARAMETER_KEYS, PARAMETERS } from '../../definition/parameters.ts'

export const page = fileURLToPath(new URL('../../docs/reference/parameters.md', import.meta.url))

const effects = { now: 'at once', start: "at the job's next start", release: "with the view's next release" }

function defaultText(key) {
  const [arrival, eventTime] = ['arrival', 'event_time'].map((order) => formatParameter(key, defaultOf(key, order)))
  return arrival === eventTime ? arrival : `${arrival} (order \`arrival\`), ${eventTime} (order \`event_time\`)`
}

function rangeText(key) {
  const { kind, bounds } = PARAMETERS[key]
  if (bounds.values) return bounds.values.map((value) => `\`${value}\``).join(', ')
  if (kind === 'boolean') return '`on`, `off`'
  if (kind === 'target') return 'the name of a stream, or a URL'
  const boundKind = kind === 'durationRange' ? 'duration' : kind
  return `${formatValue(boundKind, bounds.min)} to ${formatValue(boundKind, bounds.max)}`
}

export function parametersPage() {
  const sections = PARAMETER_KEYS.map((key) => {
    const { kind, scopes, effect, sentence } = PARAMETERS[key]
    return `### ${key}

${sentence.en}

| kind | default | takes | set at | a change works |
|---|---|---|---|---|
| ${kind} | ${defaultText(key)} | ${rangeText(key)} | ${scopes.join(', ')} | ${effects[effect]} |
`
  })
  return `# Parameters

This page is written by \`node scripts/docs/parameters.mjs\` from the registry in \`definition/parameters.ts\`; the screen
Settings → Parameters and \`GET /api/v1/parameters\` come from the same registry.

The value in force is the most particular one that is set: job, then hint in the SQL, then view, then stream, then system, then the
default. \`GET /api/v1/parameters?scope=view:NAME\` says for each where its value comes from.

\`\`\`
curl -s -X PUT localhost:3000/api/v1/parameters/checkpointInterval \\
  -H "authorization: Bearer $EVENFLOW_API_TOKEN" -H 'content-type: application/json' \\
  -d '{"value": "30 seconds", "scope": "view:origin_delays"}'
\`\`\`

- \`scope\` is \`system\` (the default), \`view:NAME\`, \`stream:NAME\` or \`job:NUMBER\`. \`"value": null\` goes back to the wider scope.
- A duration is text with a unit (\`30 seconds\`, \`2 hours\`, \`90 days\`); a bare number in JSON is milliseconds. Memory is \`2 GiB\` or bytes,
  an instant is ISO 8601 with a zone or epoch milliseconds, a switch is \`on\` or \`off\` (or JSON \`true\`, \`false\`).
- \`parallelism\`: a release that names none takes the view's; where that is not set, a running view keeps its job's.
- A value that does not fit is refused with 400 \`invalid_parameter\` and the bounds; nothing changes.

${sections.join('\n')}`
}

if (import.meta.main) writeFileSync(page, parametersPage())
