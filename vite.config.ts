import { existsSync, readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { playwright } from '@vitest/browser-playwright'
import type { BuildOptions, Plugin } from 'vite'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { launchOptions } from './scripts/browser.ts'

/** Cross-origin isolation: without it there is no SharedArrayBuffer, and WASM runs on one thread. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** The page's own policy as a header, too: a meta element binds the page, not the workers it starts. */
const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(
  readFileSync('index.html', 'utf8'),
)![1]
const headers = { ...isolation, 'Content-Security-Policy': `${policy}; frame-ancestors 'none'` }

/** The model is no part of the module graph: it is copied as it is, next to the built page. */
const copyModel: Plugin = {
  name: 'copy-model',
  apply: 'build',
  async writeBundle({ dir }) {
    if (existsSync('models/evo-mini'))
      await cp('models/evo-mini', `${dir}/models/evo-mini`, { recursive: true })
  },
}

/**
 * Vite wraps the addresses of the workers it built; this takes the wrapping off, to the form that bundlers of apps know, and
 * that browsers need no bundler for.
 */
const plainWorkerUrl: Plugin = {
  name: 'plain-worker-url',
  generateBundle(_, bundle) {
    const chunk = bundle['index.js']
    if (chunk?.type !== 'chunk') return
    for (const worker of ['engine.worker.js', 'broker.worker.js']) {
      const wrapped = new RegExp(
        String.raw`new URL\(\s*/\* @vite-ignore \*/\s*new URL\("${worker}", import\.meta\.url\)\.href,[^)]*\)`,
      )
      if (!wrapped.test(chunk.code)) this.error(`index.js does not start ${worker} as expected`)
      chunk.code = chunk.code.replace(wrapped, `new URL("./${worker}", import.meta.url)`)
    }
  },
}

const library: BuildOptions = {
  outDir: 'dist/library',
  emptyOutDir: true,
  target: 'es2022',
  assetsInlineLimit: 0,
  minify: false,
  rolldownOptions: {
    input: { index: 'src/index.ts' },
    preserveEntrySignatures: 'strict',
    output: { entryFileNames: '[name].js' },
  },
}

const demo: BuildOptions = {
  outDir: 'dist/demo',
  emptyOutDir: true,
  target: 'es2022',
  assetsInlineLimit: 0,
}

/** `vite build` makes the demo page, `vite build --mode library` the ES modules of the package. */
export default defineConfig(({ mode }) => ({
  base: './',
  appType: 'mpa',
  publicDir: false,
  plugins: { production: [copyModel], library: [plainWorkerUrl] }[mode],
  // Vitest's own pages have inline scripts.
  server: {
    headers: mode === 'test' ? isolation : headers,
    watch: { ignored: ['**/training/**', '**/models/**', '**/runs/**'] },
  },
  preview: { headers },
  worker: {
    format: 'es',
    rolldownOptions:
      mode !== 'library'
        ? undefined
        : {
            output: {
              entryFileNames: '[name].js',
              // The entry is a chunk that no other imports: an app's bundler may add a query to its address alone, and it
              // would run twice.
              codeSplitting: {
                groups: [{ name: 'worker', test: /\/(src|node_modules)\//, tags: ['$initial'] }],
              },
            },
          },
  },
  optimizeDeps: {
    exclude: ['onnxruntime-web'],
    // Found only when the worker starts: a page would be reloaded while it runs.
    include: ['comlink', 'fflate', 'idb-keyval', 'stemmer', '@huggingface/tokenizers'],
  },
  build: mode === 'library' ? library : demo,
  // Only for tests: browser projects need a Chromium as soon as they are described.
  test:
    mode !== 'test'
      ? undefined
      : {
          projects: [
            {
              extends: true,
              test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], testTimeout: 120_000 },
            },
            inBrowser('kernels'),
            inBrowser('browser'),
            {
              extends: true,
              test: {
                name: 'e2e',
                include: ['tests/e2e/**/*.test.ts'],
                globalSetup: 'tests/e2e/server.ts',
                fileParallelism: false,
                testTimeout: 300_000,
                hookTimeout: 300_000,
              },
            },
          ],
        },
}))

/** A project of tests that run in headless Chromium, one file after another. */
function inBrowser(name: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      fileParallelism: false,
      testTimeout: 300_000,
      hookTimeout: 300_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: launchOptions() }),
        instances: [{ browser: 'chromium' }],
      },
    },
  }
}
