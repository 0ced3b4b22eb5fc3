/**
 * Compiles kernels/lstm.ts to WebAssembly, once per instruction set, into build/kernels/.
 *
 *   node scripts/build-kernels.ts
 */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main as compile } from 'assemblyscript/asc'

const root = fileURLToPath(new URL('../', import.meta.url))

const COMMON = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
  ...['--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd'],
]

const BINARIES = [
  { name: 'lstm-simd', flags: [] },
  { name: 'lstm-relaxed-simd', flags: ['--enable', 'relaxed-simd'] },
]

mkdirSync(new URL('../build/kernels/', import.meta.url), { recursive: true })
for (const { name, flags } of BINARIES) {
  const outFile = `build/kernels/${name}.wasm`
  const args = ['kernels/lstm.ts', '--outFile', outFile, '--baseDir', root, ...COMMON, ...flags]
  const { error, stderr } = await compile(args)
  if (error) {
    console.error(`${name}: ${error.message}\n${stderr.toString()}`)
    process.exitCode = 1
  }
}
