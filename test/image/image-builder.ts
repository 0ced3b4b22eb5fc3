/**
 * Builds images with buildah in chroots: no engine, no daemon, no kernel feature beyond them. The
 * base is made from Debian's packages and the Node of this project, and carries the name that the
 * Dockerfile asks for.
 */
import {
  type ChildProcess,
  type ExecFileSyncOptionsWithStringEncoding,
  execFileSync,
  spawn,
} from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const DEBIAN_RELEASE = 'bookworm'

export interface ImageConfig {
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Healthcheck?: { readonly Test?: readonly string[] }
  readonly [field: string]: unknown
}

export interface ContainerCommand {
  /** Directory of this machine that is the container's /data. */
  readonly store: string
  readonly command: readonly string[]
}

export interface ImageBuilder {
  /** Makes the image that the Dockerfile starts from. */
  makeBase(): void
  build(context: string, tag: string): void
  configOf(tag: string): ImageConfig
  /** @returns The name of a container of the image. */
  start(tag: string): string
  /** As the image's own user. @returns What the command printed. */
  run(container: string, command: readonly string[]): string
  /**
   * Starts a command as compose.yaml does: the root is read-only, /tmp is in memory, no privilege can be
   * gained. It is this process's own child, so that a signal reaches it.
   */
  startReadOnly(container: string, command: ContainerCommand): ChildProcess
  /** Bytes of the files below a path of the container. */
  bytesOf(container: string, path: string): number
  /** Removes images and containers. */
  remove(): void
}

/** @param work Where images are kept. @throws {Error} When a tool is missing; says how to get it. */
export function createBuilder(work: string): ImageBuilder {
  assertTools(['buildah', 'debootstrap'])
  const globals = ['--root', join(work, 'images'), '--runroot', join(work, 'run')]
  const options = {
    encoding: 'utf8' as const,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs' },
    stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
  } satisfies ExecFileSyncOptionsWithStringEncoding
  const buildah = (...args: string[]) => execFileSync('buildah', [...globals, ...args], options)
  return {
    makeBase() {
      const tree = join(work, 'base')
      rmSync(tree, { recursive: true, force: true })
      execFileSync('debootstrap', ['--variant=minbase', DEBIAN_RELEASE, tree], options)
      addNode(tree)
      const base = buildah('from', 'scratch').trim()
      buildah('add', base, tree, '/')
      buildah('run', base, '--', 'useradd', '--uid', '1000', '--create-home', 'node')
      buildah('config', '--env', `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, base)
      buildah('commit', '--rm', base, baseName())
    },
    build(context, tag) {
      buildah('bud', '--pull=never', '--format=docker', '--layers=false', '--tag', tag, context)
    },
    configOf: (tag) => JSON.parse(buildah('inspect', '--type', 'image', tag)).Docker.config,
    start: (tag) => buildah('from', '--pull=never', tag).trim(),
    run: (container, command) => buildah('run', container, '--', ...command),
    startReadOnly(container, { store, command }) {
      const root = buildah('mount', container).trim()
      const { Env = [] } = JSON.parse(buildah('inspect', container)).Docker.config
      const shell = ['sh', '-ec', READ_ONLY, root, store, ...Env, ...command]
      return spawn('unshare', ['--mount', ...shell], { stdio: ['ignore', 'pipe', 'inherit'] })
    },
    bytesOf(container, path) {
      const place = join(buildah('mount', container).trim(), path)
      return Number.parseInt(execFileSync('du', ['-sb', place], options), 10)
    },
    remove() {
      buildah('rm', '--all')
      buildah('rmi', '--all', '--force')
    },
  }
}

/** $0: the container's files; $1: its /data; then its environment and the command. */
const READ_ONLY = `
  root=$0; store=$1; shift
  mount --bind "$root" "$root"
  mount --rbind /dev "$root/dev"
  mount --rbind /proc "$root/proc"
  mount -t tmpfs tmpfs "$root/tmp"
  mount --bind "$store" "$root/data"
  mount -o remount,ro,bind "$root"
  exec setpriv --no-new-privs chroot --userspec=1000:1000 "$root" env -i "$@"`

/** The image that the Dockerfile names. */
function baseName(): string {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
  const name = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1]
  if (name === undefined) throw new Error('The Dockerfile names no base image')
  return name
}

/** Node, npm and the authorities that this machine trusts, where the official images have them. */
function addNode(tree: string): void {
  cpSync(process.execPath, join(tree, 'usr/local/bin/node'))
  const modules = join(tree, 'usr/local/lib/node_modules')
  mkdirSync(modules, { recursive: true })
  cpSync(npmFolder(), join(modules, 'npm'), { recursive: true })
  for (const [name, file] of [
    ['npm', 'npm-cli.js'],
    ['npx', 'npx-cli.js'],
  ] as const) {
    execFileSync('ln', [
      '-sf',
      `../lib/node_modules/npm/bin/${file}`,
      join(tree, 'usr/local/bin', name),
    ])
  }
  mkdirSync(join(tree, 'etc/ssl/certs'), { recursive: true })
  cpSync(CERTIFICATES, join(tree, CERTIFICATES))
}

/** The npm that runs this, or that would run. */
function npmFolder(): string {
  const script = process.env.npm_execpath ?? realpathSync(inPath('npm') ?? 'npm')
  return resolve(script, '../..')
}

function assertTools(names: readonly string[]): void {
  const missing = names.filter((name) => inPath(name) === undefined)
  if (missing.length === 0) return
  throw new Error(
    `The image test needs ${missing.join(' and ')}: apt-get install ${missing.join(' ')}`,
  )
}

function inPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}
