/** How this process is called where leases and jobs say who holds them. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

export function holderName(): string {
  return `${hostname()} process ${process.pid} ${randomUUID().slice(0, 8)}`
}
