/** The system's Chromium, and pages that note whatever goes wrong in them. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** @throws {Error} Says what is missing. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((path) => existsSync(path))
  if (executablePath === undefined) {
    throw new Error(
      `The dashboard's tests need Chromium at one of ${PLACES.join(', ')} (Debian: apt-get install chromium).`,
    )
  }
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

export interface WatchedPage {
  readonly page: Page
  /** Errors on the console, exceptions, and requests to anywhere else. */
  readonly faults: readonly string[]
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) {
      faults.push(`asked for ${request.url()}`)
    }
  })
  return { page, faults }
}
