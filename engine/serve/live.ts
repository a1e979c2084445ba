/** Live figures as server-sent events: once a second, and at every change of a job's state. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Supervisor } from '../supervise/supervisor.ts'

export function serveLive(request: FastifyRequest, reply: FastifyReply, supervisor: Supervisor): void {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  })
  const send = (): void => {
    if (raw.writableNeedDrain) return // a slow reader gets the next one
    raw.write(`event: jobs\ndata: ${JSON.stringify(supervisor.live())}\n\n`)
  }
  send()
  const timer = setInterval(send, 1000)
  const stopListening = supervisor.onChange(send)
  request.raw.on('close', () => {
    clearInterval(timer)
    stopListening()
  })
}
