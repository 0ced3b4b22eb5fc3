/** A machine to deploy to, for the test of that: replaces the server that runs by one of the image. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [directory = '', port = '', image = ''] = process.argv.slice(2)
const pidFile = join(directory, 'server.pid')
if (existsSync(pidFile)) await ended(Number(readFileSync(pidFile, 'utf8')))
const args = [image, 'serve', '--store', join(directory, 'store'), '--port', port, '--auth']
const server = spawn(process.execPath, args, { detached: true, stdio: 'ignore' })
server.unref()
writeFileSync(pidFile, String(server.pid))
writeFileSync(join(directory, 'image'), image)

async function ended(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM')
    for (;;) {
      process.kill(pid, 0)
      await sleep(20)
    }
  } catch {
    // It is gone.
  }
}
