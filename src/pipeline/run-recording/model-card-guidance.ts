/** Sections of a model card for whoever wants to use it: purpose, limits, how to load it. */
import { codeBlock } from './markdown.ts'
import type { CardSource } from './model-card-source.ts'

export function purposeSection({ recipe }: CardSource): string[] {
  const { symbol, horizon, furtherHorizons = [] } = recipe
  const next = horizon === 1 ? 'the next session' : `the next ${horizon} sessions`
  const ahead = [next, ...furtherHorizons.map((one) => `the next ${one}`)].join(', ')
  return [
    `It forecasts the distribution of ${symbol}'s log return over ${ahead}, from daily bars that are complete, ` +
      'as a Student-t distribution: location, scale, degrees of freedom. Price intervals, quantiles and the ' +
      'probability of a rise are read off it. It is meant for risk and for planning: how far the price may move.',
    '',
    `Not for: other symbols than ${symbol}, other horizons, intraday prices, advice to buy or sell.`,
  ]
}

export function limitsSection({ judged, recipe }: CardSource): string[] {
  const claim = judged?.gate.claims.find((one) => one.claim === 'directional-skill')
  const direction =
    claim?.standing === 'holds'
      ? `- Direction: skill was found on the test days (${claim.statement}) Doubt it until it holds on new data.`
      : `- **No directional skill${judged === undefined ? ' is claimed' : ' was shown'}**: do not trade on the probability of a rise.`
  const classical = judged?.gate.claims.find((one) => one.claim === 'better-than-classical')
  return [
    direction,
    ...(classical === undefined || classical.standing === 'holds'
      ? []
      : [
          '- It is not shown to be better than the best classical model: what it foresees is how volatile prices are, and simple models foresee that too.',
        ]),
    '- Beating the naive forecast is what any model that follows volatility does; by itself it promises nothing.',
    '- The test days are past ones, and part of how this recipe came to be. What is issued live is judged anew.',
    `- It reads prices only, of ${recipe.symbol}: no news, no earnings dates, no other markets.`,
    '- One session can move further than any interval says: 5 outcomes in 100 are meant to fall outside the 95 % interval.',
  ]
}

export function loadingSection({ version }: CardSource): string[] {
  const { name } = version
  const uri = `models:/${name}/${version.version}`
  return [
    'Python, with `MLFLOW_TRACKING_URI` set to what `tickerflow tracking serve` prints (`models:/' +
      `${name}@production\` is whatever is live):`,
    '',
    ...codeBlock('python', [
      'import mlflow',
      '',
      `model = mlflow.pyfunc.load_model("${uri}")`,
      'print(model.predict(model.input_example))  # location, scale, degrees_of_freedom of the log return',
    ]),
    '',
    'TypeScript, from the artifacts `model/` of the run, with `onnxruntime-node`:',
    '',
    ...codeBlock('ts', [
      "import { readFile } from 'node:fs/promises'",
      "import { InferenceSession, Tensor } from 'onnxruntime-node'",
      '',
      "const example = JSON.parse(await readFile('model/input_example.json', 'utf8'))",
      "const session = await InferenceSession.create('model/model.onnx')",
      "const features = new Tensor('float32', example.data.flat(), [1, example.columns.length])",
      'const { location, scale, degrees_of_freedom } = await session.run({ features })',
    ]),
    '',
    'On the command line, from the bars of the store:',
    '',
    ...codeBlock('sh', [`tickerflow forecast --model-version ${version.version}`]),
  ]
}
