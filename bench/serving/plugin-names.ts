/** The parts of the forecast server that touch every request, each measured alone. */
export const PLUGINS = [
  'none',
  'validation',
  'security headers',
  'request ids',
  'access log',
  'metrics',
  'back-pressure',
  'rate limit',
  'host check',
  'all of them',
] as const
export type PluginName = (typeof PLUGINS)[number]
