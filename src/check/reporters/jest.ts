/** `jest.cjs`: a reporter beside jest's own. Jest 24 to 30. */
export const jestProgram = String.raw`'use strict'
const record = require('./record.cjs').take()
const STATUS = { passed: 'pass', failed: 'fail' }
const TIMEOUT = /exceeded timeout of|async callback was not invoked within/i

// Jest hands out failures as text; later versions add the thrown value beside it.
function errorOf(test) {
  const text = String((test.failureMessages || [])[0] || '')
  const thrown = (test.failureDetails || [])[0] || {}
  const [, name = '', message = ''] = /^(?:(\w*Error)(?: \[\w+\])?: |: )?([^]*?)(?=\n\s+at |$)/.exec(text) || []
  const compared = /^(Error: )?(expect|assert)(\.\w+)*\(/.test(message)
  return {
    name: thrown.name || name,
    message,
    code: thrown.code || (thrown.error && thrown.error.code),
    stack: text,
    matcherResult: thrown.matcherResult ?? (compared || undefined),
  }
}

module.exports = class {
  onRunComplete() {
    record.end()
  }
  onTestResult(test, outcome) {
    const file = outcome.testFilePath
    for (const one of outcome.testResults) {
      const error = errorOf(one)
      record.result({
        file,
        names: [...one.ancestorTitles, one.title],
        status: STATUS[one.status] || 'skip',
        error,
        timeout: TIMEOUT.test(error.stack),
      })
    }
    const load = outcome.testExecError || (outcome.testResults.length === 0 && outcome.failureMessage)
    if (!load) return
    const error = typeof load === 'object' ? load : {}
    const stack = String(error.stack || outcome.failureMessage || '')
    const message = error.message || String(outcome.failureMessage)
    record.result({ file, names: [], load: true, status: 'fail', error: { name: error.name, code: error.code, message, stack } })
  }
}
`;
