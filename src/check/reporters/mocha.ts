/** `mocha.cjs`: mocha's own spec output for the log, and every result for the report. Mocha 3 to 11. */
export const mochaProgram = String.raw`'use strict'
const fs = require('fs')
const path = require('path')
const record = require('./record.cjs').take()
let reporting = false

function titles(runnable) {
  if (typeof runnable.titlePath === 'function') return runnable.titlePath()
  const names = []
  for (let at = runnable; at && !at.root; at = at.parent) if (at.title) names.unshift(at.title)
  return names
}

function fileOf(runnable) {
  for (let at = runnable; at; at = at.parent) if (at.file) return at.file
  return ''
}

function specReporter() {
  const candidates = [require.main && require.main.filename, process.argv[1]]
  for (const start of candidates) {
    for (let at = start; at && path.dirname(at) !== at; at = path.dirname(at)) {
      const spec = path.join(at, 'lib', 'reporters', 'spec.js')
      if (fs.existsSync(spec)) return require(fs.realpathSync(spec))
    }
  }
  return function () {}
}

module.exports = function (runner, options) {
  const Spec = specReporter()
  const spec = new Spec(runner, options)
  if (reporting) return spec
  reporting = true
  const add = (status) => (runnable, error) =>
    record.result({
      of: runnable.id ?? runnable.__mocha_id__ ?? runnable,
      file: fileOf(runnable),
      names: titles(runnable),
      status,
      error,
      timeout: error && (error.code === 'ERR_MOCHA_TIMEOUT' || /^timeout of \d+ms exceeded/i.test(error.message)),
    })
  runner.on('pass', add('pass'))
  runner.on('fail', add('fail'))
  runner.on('pending', add('skip'))
  runner.on('end', () => record.end())
  return spec
}
`;
