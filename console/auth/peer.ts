/**
 * Who is at the other end of the connection. A route handler cannot see the socket, so `watchPeers` (called once at
 * start-up, in the process that serves HTTP) notes the address in a header of its own on every request, whatever the
 * client put there. Without the note nothing counts as loopback.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

const peerHeader = 'x-evenflow-peer'
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via', 'cf-connecting-ip', 'true-client-ip']

let watching = false

export function watchPeers(): void {
  if (watching) return
  watching = true
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage }
    const proxied = proxyHeaders.some((name) => request.headers[name] !== undefined)
    request.headers[peerHeader] = `${proxied ? 'proxied' : 'direct'} ${request.socket.remoteAddress ?? 'unknown'}`
  })
}

export function peerAddress(headers: Headers): string | null {
  return headers.get(peerHeader)?.split(' ')[1] ?? null
}

const loopbackAddress = /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** A person at this machine: direct socket from loopback, asked for by a loopback name (a rebound DNS name is not one). */
export function isLoopback(headers: Headers): boolean {
  const [how, address] = headers.get(peerHeader)?.split(' ') ?? []
  return how === 'direct' && loopbackAddress.test(address ?? '') && loopbackHost.test(headers.get('host') ?? '')
}
