import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { playwright } from '@vitest/browser-playwright'
import type { Plugin } from 'vite'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { launchOptions } from './scripts/browser.ts'

/** Cross-origin isolation: without it there is no SharedArrayBuffer, and WASM runs on one thread. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** The model is no part of the module graph: it is copied as it is, next to the built page. */
const copyModel: Plugin = {
  name: 'copy-model',
  apply: 'build',
  async writeBundle({ dir }) {
    if (existsSync('models/evo-mini'))
      await cp('models/evo-mini', `${dir}/models/evo-mini`, { recursive: true })
  },
}

/** `vite build` makes the demo page, `vite build --mode library` the ES modules of the package. */
export default defineConfig(({ mode }) => ({
  base: './',
  appType: 'mpa',
  publicDir: false,
  plugins: mode === 'production' ? [copyModel] : [],
  server: { headers, watch: { ignored: ['**/training/**', '**/models/**', '**/runs/**'] } },
  preview: { headers },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build:
    mode === 'library'
      ? {
          outDir: 'dist/library',
          emptyOutDir: true,
          target: 'es2022',
          assetsInlineLimit: 0,
          minify: false,
          rolldownOptions: {
            input: { index: 'src/index.ts' },
            preserveEntrySignatures: 'strict',
            external: ['comlink'],
            output: { entryFileNames: '[name].js' },
          },
        }
      : { outDir: 'dist/demo', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  // Only for tests: browser projects need a Chromium as soon as they are described.
  test:
    mode !== 'test'
      ? undefined
      : {
          projects: [
            { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'] } },
            inBrowser('kernels'),
            inBrowser('browser'),
            {
              extends: true,
              test: {
                name: 'e2e',
                include: ['tests/e2e/**/*.test.ts'],
                globalSetup: 'tests/e2e/server.ts',
                fileParallelism: false,
                testTimeout: 180_000,
                hookTimeout: 180_000,
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
      testTimeout: 120_000,
      hookTimeout: 120_000,
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
