/** Gives relative imports of the library's declarations their extensions, which `moduleResolution: nodenext` asks for. */

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const types = process.argv[2] ?? 'dist/library/types'
for (const entry of await readdir(types, { recursive: true })) {
  if (!entry.endsWith('.d.ts')) continue
  const path = join(types, entry)
  const code = await readFile(path, 'utf8')
  await writeFile(
    path,
    code.replace(/((?:from |import |import\()['"])(\.{1,2}\/[^'"]+?)(?=['"])/g, '$1$2.js'),
  )
}
