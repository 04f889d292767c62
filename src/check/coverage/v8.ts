import { type CoverageTool, isScript } from "./coverage-tool.ts";

/** Runners that have their own instrumented copy of the source in their own sandbox: V8 says nothing of use there. */
const OWN_WAY = ["jest", "vitest"];

/**
 * What Node itself writes at each process's end. Its offsets are those of what ran: the file as it stands, types taken
 * out or not, or something else that came with a source map. A program such as c8 has it written to a place of its own.
 */
export const v8: CoverageTool = {
  name: "V8",
  sees: isScript,
  env: (folder, runner) =>
    OWN_WAY.includes(runner) ? {} : { NODE_V8_COVERAGE: `${folder}/v8` },
  reader: String.raw`'use strict'
const fs = require('fs')
const path = require('path')
const { SourceMap } = require('module')
const { fileURLToPath } = require('url')
const OTHER = 'What ran was not the file as it stands, and came without a source map.'

function toPath(url, root) {
  if (!url.startsWith('file://')) return undefined
  try {
    const file = fileURLToPath(url.replace(/[?#].*$/, ''))
    return file.startsWith(root + '/') ? file.slice(root.length + 1) : undefined
  } catch {}
}

// Which characters ran: the innermost range decides, and it comes last.
function ranOf(functions, length) {
  const ran = new Uint8Array(length).fill(1)
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  }
  return ran
}

function markPlain(file, source, wanted, ran, mark) {
  const lines = source.split('\n')
  const starts = []
  let offset = 0
  for (const line of lines) {
    starts.push(offset)
    offset += line.length + 1
  }
  for (const number of wanted) {
    const line = lines[number - 1]
    if (line === undefined) continue
    let any = false
    for (const { index } of line.matchAll(/[\p{L}\p{N}_$]/gu)) any ||= ran[starts[number - 1] + index] === 1
    mark(file, number, any)
  }
}

function markMapped(url, { lineLengths, data }, ran, context) {
  const map = new SourceMap(data)
  let start = 0
  lineLengths.forEach((length, line) => {
    for (let column = 0; column < length; column++) {
      const entry = map.findEntry(line, column)
      if (entry.generatedLine !== line || entry.generatedColumn !== column || entry.originalLine === undefined) continue
      let source
      try {
        source = new URL((data.sourceRoot || '') + entry.originalSource, url).href
      } catch {
        continue
      }
      const file = toPath(source, context.root)
      const number = entry.originalLine + 1
      if (file !== undefined && context.files[file]?.includes(number)) context.mark(file, number, ran[start + column] === 1)
    }
    start += length + 1
  })
}

function isAsItStands(source, url, length) {
  return length === source.length || length === source.length + ('\n\n//# sourceURL=' + url).length
}

function readResult({ url, functions }, maps, context) {
  const { root, files, tests, seen, mark, doubt } = context
  const file = toPath(url, root)
  if (file === undefined || file.includes('node_modules/')) return
  if (tests.includes(file)) seen()
  const length = functions[0]?.ranges[0]?.endOffset ?? 0
  const cached = maps[url]
  if (cached?.data && cached.lineLengths) return markMapped(url, cached, ranOf(functions, length), context)
  if (files[file] === undefined) return
  let source = ''
  try {
    source = fs.readFileSync(path.join(root, file), 'utf8').replace(/^\ufeff/, '')
  } catch {}
  if (!isAsItStands(source, url, length)) return doubt(file, OTHER)
  markPlain(file, source, files[file], ranOf(functions, length), mark)
}

module.exports = (context) => {
  for (const folder of [path.join(context.folder, 'v8'), 'coverage/tmp', '.tap/coverage']) {
    const at = path.resolve(context.root, folder)
    for (const name of fs.existsSync(at) ? fs.readdirSync(at) : []) {
      if (!/^coverage-.*\.json$|^[\w-]+\.json$/.test(name)) continue
      try {
        const { result, 'source-map-cache': maps = {} } = JSON.parse(fs.readFileSync(path.join(at, name), 'utf8'))
        for (const one of result) readResult(one, maps, context)
      } catch {}
    }
  }
}
`,
};
