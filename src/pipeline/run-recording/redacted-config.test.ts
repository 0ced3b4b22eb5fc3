import { expect, test } from 'vitest'
import { DEFAULT_CONFIG } from '../../config.ts'
import { REDACTED, redactedConfig } from './redacted-config.ts'

test('the configuration is recorded whole when it holds no secret', () => {
  expect(JSON.parse(redactedConfig(DEFAULT_CONFIG))).toEqual(DEFAULT_CONFIG)
})

test('fields named like secrets and passwords in addresses are left out, however deep', () => {
  const config = {
    ...DEFAULT_CONFIG,
    tracking: { uri: 'https://me:hunter2@mlflow.example/x', apiKey: 'k1', user: 'me' },
    pagers: [{ url: 'https://h.example/k4', authorization: 'Bearer k2', token: 'k3' }],
  }
  const text = redactedConfig(config)
  expect(text).not.toMatch(/hunter2|k1|k2|k3|k4/)
  expect(JSON.parse(text)).toMatchObject({
    tracking: { uri: `https://${REDACTED}@mlflow.example/x`, apiKey: REDACTED, user: 'me' },
    pagers: [{ url: REDACTED, authorization: REDACTED, token: REDACTED }],
  })
})
