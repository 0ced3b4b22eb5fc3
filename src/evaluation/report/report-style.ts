/** The style sheet of the report. Colours keep WCAG AA contrast in both schemes. */

const LIGHT = `
  color-scheme: light;
  --paper: #ffffff; --panel: #f5f6f7; --ink: #1b1f24; --muted: #596068; --rule: #dfe3e7;
  --accent: #0b62a8; --good: #0d6b4f; --warning: #9a4b00;
  --series-1: #0b62a8; --series-2: #b3441e; --series-3: #7a4a9c; --series-4: #0b7a60;
  --series-5: #8a6100; --series-6: #a8326b;`

const DARK = `
  color-scheme: dark;
  --paper: #14171a; --panel: #1d2125; --ink: #e6e9ec; --muted: #a3acb5; --rule: #31373d;
  --accent: #6fb5f0; --good: #58c79f; --warning: #f0a45c;
  --series-1: #6fb5f0; --series-2: #f28e63; --series-3: #c79be8; --series-4: #4fc4a3;
  --series-5: #d9b04c; --series-6: #ee8ab5;`

/** The colours of the light scheme by the names of their variables. */
export const LIGHT_COLOURS: Readonly<Record<string, string>> = Object.fromEntries(
  [...LIGHT.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6})/g)].map(([, name = '', colour = '']) => [
    name,
    colour,
  ]),
)

const TYPE = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 40px 20px 56px; box-sizing: content-box; }
h1 { font-size: 1.9rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; margin: 0 0 6px; }
h2 { font-size: 1.3rem; line-height: 1.3; font-weight: 650; margin: 48px 0 12px; }
h3 { font-size: 1rem; font-weight: 600; margin: 0 0 8px; }
p { margin: 0 0 12px; max-width: 46rem; }
a { color: var(--accent); }
.eyebrow { margin: 0 0 6px; color: var(--muted); font-size: 0.85rem; letter-spacing: 0.04em; }
.meta { color: var(--muted); margin-bottom: 20px; display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: baseline; }
.tag { padding: 1px 9px; border: 1px solid var(--rule);
  border-radius: 10px; font-size: 0.85rem; }
.lead { font-size: 1.08rem; }
.note, figcaption, footer { color: var(--muted); font-size: 0.9rem; line-height: 1.5; }
code { font: 0.88em ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 20px 0 0; padding: 8px 0;
  border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule); font-size: 0.92rem; }
nav a { display: inline-block; padding: 5px 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
footer { margin-top: 40px; padding-top: 14px; border-top: 1px solid var(--rule); }`

const BLOCKS = `
.verdict { background: var(--panel); border-left: 4px solid var(--muted); border-radius: 0 6px 6px 0; padding: 14px 18px 6px; }
.verdict.good { border-color: var(--good); }
.verdict.wait { border-color: var(--warning); }
.verdict ul { margin: 0 0 10px; padding-left: 1.2em; }
.verdict li { margin: 3px 0; }
.decision { font-weight: 650; font-size: 1.08rem; margin-bottom: 8px; }
.mark { display: inline-block; min-width: 1.3em; }
.good .mark, .yes { color: var(--good); }
.wait .mark, .no { color: var(--warning); }
.caution { border-left: 4px solid var(--warning); background: var(--panel); padding: 10px 16px; border-radius: 0 6px 6px 0; }
.figures { display: grid; grid-template-columns: repeat(4, auto); gap: 12px 28px; margin: 4px 0 14px; justify-content: start; }
.figures dt { color: var(--muted); font-size: 0.88rem; }
.figures dd { margin: 0; font-size: 1.12rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures small { display: block; color: var(--muted); font-size: 0.85rem; font-weight: 400; }
details { margin: 12px 0; border: 1px solid var(--rule); border-radius: 6px; padding: 0 14px; }
details[open] { padding-bottom: 10px; }
summary { cursor: pointer; padding: 9px 0; font-weight: 600; font-size: 0.95rem; }`

const TABLES = `
.scroll { overflow-x: auto; margin: 14px 0; }
table { border-collapse: collapse; width: 100%; margin: 14px 0; font-size: 0.92rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
.scroll table { margin: 0; }
caption { text-align: left; font-weight: 600; padding: 0 0 6px; font-size: 1rem; }
details table { margin: 0; }
details caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: 6px 0 6px 16px; text-align: right; border-bottom: 1px solid var(--rule); vertical-align: baseline; white-space: nowrap; }
thead th { color: var(--muted); font-weight: 500; font-size: 0.86rem; vertical-align: bottom; border-bottom-color: var(--muted); }
th:first-child { text-align: left; padding-left: 0; }
tbody th { font-weight: 500; }
th small, td small { display: block; color: var(--muted); font-weight: 400; font-size: 0.82rem; }
.words, th.words { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.best > *, .top { font-weight: 700; }
td.graphic { padding-top: 0; padding-bottom: 0; vertical-align: middle; }
th.graphic { width: 216px; text-align: center; }
.forest { display: block; width: 200px; height: 32px; margin: 0 0 0 auto; }
.forest .zero { stroke: var(--muted); stroke-width: 1; }
.forest .whisker { stroke: var(--accent); stroke-width: 2.5; opacity: 0.65; }
.forest .dot { fill: var(--accent); }
.settings th { width: 38%; }`

const CHARTS = `
figure { margin: 28px 0 0; break-inside: avoid; }
figcaption { margin-top: 8px; max-width: 46rem; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; }
.chart .chart-narrow { display: none; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0 0 6px; padding: 0; font-size: 0.88rem; color: var(--muted); }
.key li { display: flex; align-items: center; gap: 7px; }
.swatch { width: 28px; height: 8px; flex: none; }`

const PHONE = `
  main { padding: 24px 16px 40px; }
  h1 { font-size: 1.55rem; }
  h2 { margin-top: 40px; }
  .chart .chart-wide { display: none; }
  .chart .chart-narrow { display: block; max-width: 430px; }
  .wide-only { display: none; }
  .figures { grid-template-columns: repeat(2, auto); gap: 12px 24px; }
  .figures dd { font-size: 1.02rem; }
  th, td { padding-left: 8px; }
  th:first-child { position: sticky; left: 0; background: var(--paper); }
  .scroll table { font-size: 0.84rem; }
  .scroll thead th { white-space: normal; }
  .graphic, .details small { display: none; }
  tbody th { white-space: normal; }`

const PRINT = `
  @page { margin: 16mm 14mm; }
  html { font-size: 10.5pt; }
  main { padding: 0; max-width: none; }
  nav { display: none; }
  h2 { break-after: avoid; margin-top: 28px; }
  tr, .verdict, .figures { break-inside: avoid; }
  .scroll { overflow: visible; }
  .chart { max-width: 640px; }
  details { border: 0; padding: 0; }
  details::details-content { content-visibility: visible; block-size: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }`

/** Dark mode and the phone's layout are for screens only: paper is white and wide. */
export const REPORT_STYLE = `
:root {${LIGHT}
}
@media screen and (prefers-color-scheme: dark) { :root {${DARK}
} }
${TYPE}
${BLOCKS}
${TABLES}
${CHARTS}
@media screen and (max-width: 700px) {${PHONE}
}
@media print {${PRINT}
}
`
