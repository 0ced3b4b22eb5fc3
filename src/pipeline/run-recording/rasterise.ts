/** SVG as PNG, without a browser: resvg as WebAssembly, with the typeface that ships beside it. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import { PLOT_FONT } from '../../evaluation/report/plot.ts'

export type Rasterise = (svg: string) => Uint8Array

/** The package's root is three folders up from src/pipeline/run-recording and from dist alike. */
const FONT_FOLDER = new URL('../../../data/fonts/', import.meta.url)
const FONTS = ['inter-latin-400-normal.woff2', 'inter-latin-600-normal.woff2']
/** Pixels for each unit of the drawing: sharp on dense screens and on paper. */
const ZOOM = 2

let loaded: Promise<Rasterise> | undefined

/** Loads the renderer once in a process; equal drawings give equal bytes on every machine. */
export function loadRasteriser(): Promise<Rasterise> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Rasterise> {
  const require = createRequire(import.meta.url)
  const [, ...fontBuffers] = await Promise.all([
    readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')).then(initWasm),
    ...FONTS.map((name) => readFile(new URL(name, FONT_FOLDER))),
  ])
  return (svg) => {
    const renderer = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: ZOOM },
      font: { fontBuffers, defaultFontFamily: PLOT_FONT },
    })
    const image = renderer.render()
    try {
      return image.asPng()
    } finally {
      image.free()
      renderer.free()
    }
  }
}
