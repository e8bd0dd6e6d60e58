/** `npm run build:simd`: assembles src/simd/*.wat into TypeScript modules that hold the bytes. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import wabt from 'wabt'

export const FOLDER = 'src/simd'

/** The module's text, as `name`.ts is to hold it. */
export async function assemble(name: string): Promise<string> {
  const { parseWat } = await wabt()
  const module = parseWat(name, readFileSync(join(FOLDER, `${name}.wat`), 'utf8'), { simd: true })
  const { buffer } = module.toBinary({})
  module.destroy()
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,108}/g)!
  return (
    `/** ${name}.wat, assembled by npm run build:simd. */\n\nexport const ${name}Wasm =\n  ` +
    `${lines.map((line) => `'${line}'`).join(' +\n  ')}\n`
  )
}

export const names = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.wat') ? [parse(file).name] : []))

if (process.argv[1]?.endsWith('buildSimd.ts'))
  for (const name of names) writeFileSync(join(FOLDER, `${name}.ts`), await assemble(name))
