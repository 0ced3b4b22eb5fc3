/**
 * Compiles the kernels to WebAssembly into build/kernels/: the LSTM's once per instruction set.
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
  { name: 'lstm-simd', source: 'lstm', flags: [] },
  { name: 'lstm-relaxed-simd', source: 'lstm', flags: ['--enable', 'relaxed-simd'] },
  { name: 'trailing', source: 'trailing', flags: [] },
]

mkdirSync(new URL('../build/kernels/', import.meta.url), { recursive: true })
for (const { name, source, flags } of BINARIES) {
  const outFile = `build/kernels/${name}.wasm`
  const args = [
    `kernels/${source}.ts`,
    '--outFile',
    outFile,
    '--baseDir',
    root,
    ...COMMON,
    ...flags,
  ]
  const { error, stderr } = await compile(args)
  if (error) {
    console.error(`${name}: ${error.message}\n${stderr.toString()}`)
    process.exitCode = 1
  }
}
