import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_GATE_POLICY, gatePolicyDigest } from './gate-policy.ts'
import { readGatePolicy } from './gate-policy-file.ts'

const messageOf = (declared: Readonly<Record<string, unknown>> | string) => {
  try {
    readGatePolicy(declared)
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

describe('readGatePolicy', () => {
  it('is the default policy when nothing is declared', () => {
    expect(readGatePolicy(undefined)).toEqual(DEFAULT_GATE_POLICY)
    expect(readGatePolicy({})).toEqual(DEFAULT_GATE_POLICY)
  })

  it('lays the declared fields over the default, and has another digest', () => {
    const strict = readGatePolicy({ version: 'strict-1', alpha: 0.01, minimumSessions: 1000 })
    expect(strict).toEqual({
      ...DEFAULT_GATE_POLICY,
      version: 'strict-1',
      alpha: 0.01,
      minimumSessions: 1000,
    })
    expect(gatePolicyDigest(strict)).not.toBe(gatePolicyDigest(DEFAULT_GATE_POLICY))
  })

  it('reads a file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'policy-'))
    const path = join(directory, 'gate-policy.json')
    writeFileSync(path, '{ "version": "2", "approvals": "team" }')
    expect(readGatePolicy(path)).toMatchObject({ version: '2', approvals: 'team' })
    writeFileSync(path, '{ "version": ')
    expect(messageOf(path)).toContain(`Cannot read the gate policy ${path}`)
    writeFileSync(path, '[]')
    expect(messageOf(path)).toContain('must be an object')
    rmSync(directory, { recursive: true })
    expect(messageOf(path)).toContain('ENOENT')
  })

  it.each([
    [{ version: 'a', alpha: 0.7 }, "'/alpha'"],
    [{ version: 'a', alhpa: 0.01 }, 'there is no such field'],
    [{ version: 'a', alphaSpending: 'none' }, 'must be "harmonic"'],
    [{ version: 'a', approvals: 'anyone' }, 'must be "local" or "team"'],
    [{ version: 'a', coverage80: { from: 0.85, to: 0.9 } }, 'must enclose 0.8'],
    [{ version: 'a', minimumSessions: 1.5 }, "'/minimumSessions'"],
    [{ alpha: 0.01 }, 'needs a version of its own'],
  ])('refuses %j', (declared, words) => {
    expect(messageOf(declared)).toContain(words)
  })

  it('asks for no new version where only the approvals differ', () => {
    expect(readGatePolicy({ approvals: 'team' }).approvals).toBe('team')
  })
})
