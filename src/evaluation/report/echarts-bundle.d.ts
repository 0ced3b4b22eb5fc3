/** ECharts' single-file build has no types of its own; it exports what the package's entry does. */
declare module 'echarts/dist/echarts.esm.min.mjs' {
  export { init } from 'echarts'
}
