/** Finds the Chromium that tests and evaluation drive. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type LaunchOptions } from 'playwright'

const { LOCALAPPDATA = '', PROGRAMFILES = '', 'PROGRAMFILES(X86)': PROGRAMFILES_X86 = '' } = process.env

const places: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser', '/snap/bin/chromium'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [PROGRAMFILES, PROGRAMFILES_X86, LOCALAPPDATA]
    .filter(Boolean)
    .map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
}

/**
 * Path of a Chromium or Chrome: `EVOEMBED_BROWSER`, else one the system has, else Playwright's own, which is
 * downloaded when it is not there yet.
 * @throws when `EVOEMBED_BROWSER` names no file, or the download fails.
 */
export function browserExecutable(): string {
  const wanted = process.env.EVOEMBED_BROWSER
  if (wanted) {
    if (!existsSync(wanted)) throw new Error(`EVOEMBED_BROWSER is '${wanted}': there is no such file`)
    return wanted
  }
  const found = [...(places[process.platform] ?? []), chromium.executablePath()].find(existsSync)
  if (found) return found
  console.error('No Chromium found: installing the one of Playwright (or set EVOEMBED_BROWSER)')
  const install = spawnSync('npx', ['playwright', 'install', 'chromium'], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (install.status !== 0) throw new Error('npx playwright install chromium failed: set EVOEMBED_BROWSER')
  return chromium.executablePath()
}

/**
 * What Playwright launches: headless, with WebGPU.
 * @param adapter 'swiftshader', the software adapter, is the same everywhere; 'default' is the machine's own GPU,
 * where it has one.
 */
export function launchOptions(adapter: 'swiftshader' | 'default' = 'swiftshader'): LaunchOptions {
  const args = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--enable-unsafe-webgpu',
  ]
  if (process.platform === 'linux') args.push('--enable-features=Vulkan')
  if (adapter === 'swiftshader') args.push('--use-webgpu-adapter=swiftshader')
  if (process.getuid?.() === 0) args.push('--no-sandbox')
  return { executablePath: browserExecutable(), headless: true, args }
}
