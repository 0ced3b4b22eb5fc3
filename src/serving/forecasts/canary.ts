/** Which environment answers a request: the same id always the same one, whatever the process. */
import type { GuardedEnvironment } from '../../registry/environments.ts'

/** @param share Of the requests, 0 to 1, that go to Staging. */
export function createCanary(share: number): (requestId: string) => GuardedEnvironment {
  if (share <= 0) return () => 'production'
  return (requestId) => (fractionOf(requestId) < share ? 'staging' : 'production')
}

/** 0 to 1 from the text: FNV-1a, with a final mix because its high bits barely move for like texts. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}
