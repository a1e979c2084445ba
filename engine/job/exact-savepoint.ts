/**
 * A savepoint at exact positions, for holding two jobs against each other: reading stops there, the savepoint is asked for when all that
 * lies before is read, and reading goes on once its barrier is on its way (or later, where the job is to stay).
 */
import type { PositionMap } from '../../contract/job-ipc.ts'
import type { CheckpointCoordinator, CheckpointRequest } from '../checkpoint/coordinator.ts'

export class ExactSavepoint {
  private readonly request: CheckpointRequest
  private readonly positions: PositionMap
  private readonly stays: boolean
  private isAsked = false

  constructor(request: CheckpointRequest, at: { positions: PositionMap; stays: boolean }) {
    this.request = request
    this.positions = at.positions
    this.stays = at.stays
  }

  /** Asks for it where the job has come to the positions. False: it is over, because the job was past them. */
  askWhereReached(read: PositionMap, coordinator: CheckpointCoordinator): boolean {
    if (this.isAsked) return true
    const at = Object.entries(this.positions).map(([partition, position]) => ({ partition, position, read: read[partition] ?? 0 }))
    const passed = at.find((one) => one.read > one.position)
    if (passed) {
      coordinator.decline(this.request, `partition ${passed.partition} was read up to ${passed.read}, past ${passed.position}`)
      return false
    }
    if (at.every((one) => one.read === one.position)) {
      this.isAsked = true
      coordinator.request(this.request)
    }
    return true
  }

  /** Its barrier has been sent: what is read from now on is not in it. */
  mayReadOn({ takes }: CheckpointCoordinator): boolean {
    return this.isAsked && !this.stays && takes === this.request.requestId
  }
}
