/**
 * TensorFlow.js' side of the LSTM benchmark: trains the workload it is told, answers with times.
 *
 *   node bench/lstm/tfjs.mjs FOLDER     where @tensorflow/tfjs-* 4.22.0 are installed
 *
 * Reads and writes the JSON lines that pytorch.py does. A step is forward through LSTM layers and a
 * dense head, the Student-t negative log-likelihood, full backpropagation and Adam: TensorFlow.js has
 * no AdamW, and neither decays nor clips here, which saves it a little work.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const folder = process.argv[2]
const require = createRequire(join(folder, 'package.json'))
const tf = require('@tensorflow/tfjs-core')
const { layers, sequential } = require('@tensorflow/tfjs-layers')
require('@tensorflow/tfjs-backend-cpu')
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm')

setWasmPaths(join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'))
await tf.setBackend('wasm')
await tf.ready()

/** The standard gates; the default initialiser, orthogonal, needs what this backend has not. */
const LAYER = { recurrentActivation: 'sigmoid', recurrentInitializer: 'glorotUniform' }
const HALF_LOG_PI = 0.5723649429247001
const models = new Map()

function modelOf(workload) {
  const known = models.get(workload.name)
  if (known) return known
  const { windowLength, inputSize, hiddenSizes, outputSize, batch } = workload
  const network = sequential()
  for (const [index, units] of hiddenSizes.entries()) {
    const returnSequences = index < hiddenSizes.length - 1
    const inputShape = index === 0 ? { inputShape: [windowLength, inputSize] } : {}
    network.add(layers.lstm({ units, returnSequences, ...LAYER, ...inputShape }))
  }
  network.add(layers.dense({ units: outputSize }))
  const made = {
    network,
    optimiser: tf.train.adam(1e-3),
    x: tf.randomNormal([batch, windowLength, inputSize]),
    one: tf.randomNormal([1, windowLength, inputSize]),
    y: tf.randomNormal([batch, 1]),
  }
  models.set(workload.name, made)
  return made
}

/** log Γ(x + ½) - log Γ(x): three steps up, then the series; good to float32 for x > 1. */
function logGammaHalfStep(x) {
  const steps = [0, 1, 2].map((i) => tf.log(tf.div(tf.add(x, i), tf.add(x, i + 0.5))))
  const far = tf.add(x, 3)
  const series = tf.sub(tf.mul(0.5, tf.log(far)), tf.div(1 / 8, far))
  const cubic = tf.div(1 / 192, tf.mul(far, tf.square(far)))
  return tf.addN([...steps, series, cubic])
}

function studentTLoss(raw, y) {
  const [location, rawScale, rawDegrees] = tf.split(raw, 3, 1)
  const scale = tf.add(1e-4, tf.softplus(rawScale))
  const degrees = tf.add(2.05, tf.softplus(rawDegrees))
  const z = tf.div(tf.sub(y, location), scale)
  const tail = tf.log1p(tf.div(tf.square(z), degrees))
  const half = tf.div(degrees, 2)
  const front = tf.sub(tf.mul(0.5, tf.log(degrees)), logGammaHalfStep(half))
  const terms = [front, tf.log(scale), tf.mul(tf.add(half, 0.5), tail)]
  return tf.mean(tf.add(tf.addN(terms), HALF_LOG_PI))
}

async function trainStep({ network, optimiser, x, y }) {
  const loss = optimiser.minimize(() => studentTLoss(network.apply(x, { training: true }), y), true)
  await loss.data()
  loss.dispose()
}

async function infer({ network, one }) {
  const out = tf.tidy(() => network.apply(one))
  await out.data()
  out.dispose()
}

async function timed(action, milliseconds) {
  await action()
  const times = []
  const end = performance.now() + milliseconds
  do {
    const start = performance.now()
    await action()
    times.push(performance.now() - start)
  } while (performance.now() < end)
  return times
}

async function answer(request) {
  if (request.do === 'version') return { version: `${tf.version_core} ${tf.getBackend()}` }
  const model = modelOf(request.workload)
  const action = request.do === 'train' ? () => trainStep(model) : () => infer(model)
  return { msPerStep: await timed(action, request.milliseconds) }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}
