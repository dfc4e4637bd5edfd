// Makes dangol.js of snippet.ts: one minified script without imports. `node build.mjs --check` fails when the committed file is another.
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(new URL('../package.json', import.meta.url))
const { rolldown } = await import(require.resolve('rolldown'))

const from = fileURLToPath(new URL('snippet.ts', import.meta.url))
const to = fileURLToPath(new URL('dangol.js', import.meta.url))
const bundle = await rolldown({ input: from, transform: { target: 'es2020' } })
const { output } = await bundle.generate({ format: 'iife', minify: true })
const code = output[0].code.trim() + '\n'
if (process.argv.includes('--check')) {
  if ((await readFile(to, 'utf8').catch(() => '')) !== code) {
    console.error('web/snippet/dangol.js is not what snippet.ts gives; run `node web/snippet/build.mjs`')
    process.exit(1)
  }
} else {
  await writeFile(to, code)
}
