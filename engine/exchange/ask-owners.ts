/**
 * A question to the owners of some keys. One owner answers at once. Several, with a part of the features each, are asked at once too; where
 * what they say is not of one moment of a key, or rows that time has changed are to be written again first, they are asked in line,
 * between the same events.
 */
import type { ResultRow } from '../sink/port.ts'
import type { KeyReading } from '../state/operator.ts'
import type { KeyAnswer, Question } from '../task/key-question.ts'
import { isSameVersion, type RowJoin } from './joined-results.ts'
import { OUTPUTS_ON_THEIR_WAY } from './messages.ts'
import type { RemoteSubtask } from './remote-subtask.ts'

const PROBLEMS = ['overflow', 'divisionByZero', 'notFinite', 'badCast']

export async function askOwners(owners: readonly RemoteSubtask[], question: Question, join: RowJoin): Promise<KeyAnswer[]> {
  if (owners.length === 1) {
    const [owner] = owners as [RemoteSubtask]
    const answers = await owner.ask(question)
    return answers.map((answer, i) => ({ ...answer, onItsWay: answer.onItsWay ?? rowWaiting(owner, question, i) }))
  }
  const atOnce = await Promise.all(owners.map((owner) => owner.ask(question)))
  // Where the sinks hold all of them back, nothing can be written again now; what they say is no less right for that.
  const waits = owners.every(({ output }) => output.size >= OUTPUTS_ON_THEIR_WAY)
  if (
    question.keys.every((_, i) =>
      areOfOneMoment(
        atOnce.map((answers) => answers[i]!),
        waits,
      ),
    )
  )
    return joined(owners, question, atOnce, join)
  const clockMs = Math.max(question.clockMs, ...atOnce.flatMap((answers) => answers.map(({ evaluatedAtMs }) => evaluatedAtMs)))
  const inLine = { ...question, clockMs: question.atMs === null ? clockMs : question.clockMs }
  const answering = owners.map((owner) => {
    if (question.decays) owner.send({ kind: 'decay', nowMs: inLine.clockMs, orNewest: question.isEventClock })
    return owner.ask({ ...inLine, decays: false }, true)
  })
  for (const owner of owners) owner.flush()
  return joined(owners, question, await Promise.all(answering), join)
}

function areOfOneMoment(parts: readonly KeyAnswer[], asTheyAre: boolean): boolean {
  const [first] = parts as [KeyAnswer]
  return parts.every(
    ({ evaluatedAtMs, reading, isDecayDue }) =>
      (asTheyAre || !isDecayDue) &&
      evaluatedAtMs === first.evaluatedAtMs &&
      reading?.status === first.reading?.status &&
      isSameVersion(reading?.version, first.reading?.version) &&
      reading?.asOfMs === first.reading?.asOfMs,
  )
}

function joined(
  owners: readonly RemoteSubtask[],
  question: Question,
  answers: readonly (readonly KeyAnswer[])[],
  join: RowJoin,
): KeyAnswer[] {
  return question.keys.map((_, i) => {
    const parts = answers.map((ofPart) => ofPart[i]!)
    const [first] = parts as [KeyAnswer]
    const readings = parts.map(({ reading }) => reading)
    const rows = parts.map(({ onItsWay }, p) => onItsWay ?? rowWaiting(owners[p]!, question, i))
    return {
      evaluatedAtMs: first.evaluatedAtMs,
      readableFromMs: Math.max(...parts.map(({ readableFromMs }) => readableFromMs)),
      reading: readings.every((reading) => reading !== null) ? joinedReading(readings, join) : null,
      onItsWay: joinedRow(rows, join),
    }
  })
}

/** Once one part's row has been handed to the sinks, all have: then it is not on its way any more. */
function joinedRow(rows: readonly (ResultRow | null)[], join: RowJoin): ResultRow | null {
  const [first] = rows
  return rows.every((row) => row && isSameVersion(row.version, first!.version)) ? join.of(rows as ResultRow[]) : null
}

function joinedReading(readings: readonly KeyReading[], join: RowJoin): KeyReading {
  const { problems: _, ...first } = readings[0]!
  const raised = new Set(readings.flatMap(({ problems }) => problems ?? []))
  const problems = PROBLEMS.filter((name) => raised.has(name))
  return { ...first, values: join.values(readings.map(({ values }) => values)), ...(problems.length > 0 && { problems }) }
}

/** Among the results that wait here for the sinks. */
const rowWaiting = (owner: RemoteSubtask, { keys, atMs }: Question, i: number): ResultRow | null =>
  atMs === null ? owner.rowWaiting(keys[i]!.key) : null
