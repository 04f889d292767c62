import { type CoverageTool, isScript } from "./coverage-tool.ts";

/** What jest, Vitest and nyc write: each statement with how often it ran, mapped back to the source by them. */
export const istanbul: CoverageTool = {
  name: "istanbul",
  sees: isScript,
  env: (folder) => ({ DUNLIN_COVERAGE: folder }),
  reader: String.raw`'use strict'
const fs = require('fs')
const path = require('path')

// The statements that begin on the line decide; without any, the smallest around it.
function ranOn(line, { statementMap, s }) {
  const around = Object.entries(statementMap).filter(([, { start, end }]) => start.line <= line && line <= end.line)
  const here = around.filter(([, { start }]) => start.line === line)
  const size = ([, { start, end }]) => (end.line - start.line) * 1e6 + (end.column ?? 1e6) - start.column
  const chosen = here.length > 0 ? here : around.sort((a, b) => size(a) - size(b)).slice(0, 1)
  return chosen.length === 0 ? undefined : chosen.some(([id]) => s[id] > 0)
}

function read(file, { root, files, seen, mark }) {
  for (const one of Object.values(JSON.parse(fs.readFileSync(file, 'utf8')))) {
    seen()
    const name = one.path.startsWith(root + '/') ? one.path.slice(root.length + 1) : one.path
    for (const line of files[name] ?? []) {
      const ran = ranOn(line, one)
      if (ran !== undefined) mark(name, line, ran)
    }
  }
}

module.exports = (context) => {
  const own = path.join(context.folder, 'istanbul')
  const reports = fs.existsSync(own) ? fs.readdirSync(own).map((name) => path.join(own, name, 'coverage-final.json')) : []
  const nyc = path.join(context.root, '.nyc_output')
  const raw = fs.existsSync(nyc) ? fs.readdirSync(nyc).filter((name) => name.endsWith('.json')).map((name) => path.join(nyc, name)) : []
  for (const file of [...reports, ...raw]) {
    try {
      read(file, context)
    } catch {}
  }
}
`,
};

/**
 * `runner.cjs`, for the hook that starts jest and Vitest: the runner's arguments with its own coverage asked for, if it
 * can be, of the wanted files only.
 */
export const runnerProgram = String.raw`'use strict'
const fs = require('fs')
const path = require('path')
const { root, files } = JSON.parse(fs.readFileSync(path.join(__dirname, 'wanted.json'), 'utf8'))
const OWN = /^--(no-)?(coverage|collectCoverage\w*|coverage[A-Z]\w*|coverage\.\w[\w.]*)(=|$)/
const VALUED = /^--(coverageDirectory|coverageReporters|coverageProvider|coverageThreshold|collectCoverageFrom|coverage\.\w[\w.]*)$/

function without(words) {
  return words.filter((word, i) => !OWN.test(word) && !(VALUED.test(words[i - 1] ?? '') && !word.startsWith('-')))
}

/** Wanted files below this program's folder, safe as a pattern. */
function patterns() {
  const names = Object.keys(files).map((file) => path.relative(process.cwd(), path.join(root, file)))
  return names.filter((name) => !name.startsWith('..')).map((name) => name.replace(/[()[\]{}!*+@\\]/g, '?'))
}

function provider() {
  for (let at = process.cwd(); ; at = path.dirname(at)) {
    for (const name of ['v8', 'istanbul']) {
      if (fs.existsSync(path.join(at, 'node_modules/@vitest/coverage-' + name))) return name
    }
    if (at === path.dirname(at)) return undefined
  }
}

module.exports = (runner, words) => {
  const to = path.join(__dirname, 'istanbul', String(process.pid))
  const wanted = patterns()
  if (wanted.length === 0) return words
  if (/^(jest|jest-cli|react-scripts)$/.test(runner)) {
    const start = runner === 'react-scripts' ? 1 : 0
    const from = wanted.map((name) => '--collectCoverageFrom=' + name)
    const added = ['--coverage', '--coverageReporters=json', '--coverageDirectory=' + to, '--coverageThreshold={}', ...from]
    return [...words.slice(0, start), ...added, ...without(words.slice(start))]
  }
  if (runner === 'vitest' && provider() !== undefined) {
    const start = words[0]?.startsWith('-') ? 0 : 1
    const options = { enabled: true, provider: provider(), reporter: 'json', reportsDirectory: to, reportOnFailure: true }
    const added = Object.entries(options).map(([name, value]) => '--coverage.' + name + '=' + value)
    const from = wanted.map((name) => '--coverage.include=' + name)
    return [...words.slice(0, start), ...added, ...from, ...without(words.slice(start))]
  }
  return words
}
`;
