/**
 * `tape.cjs`: listens to tape's own test objects (tape 4 and 5), since its TAP says nothing about the file of a test
 * that passes, and is often piped into a formatter.
 */
export const tapeProgram = String.raw`'use strict'
const { inspect } = require('util')
const record = require('./record.cjs').take()
const callerFile = require('./caller.cjs')
const waiting = new Set()
const open = new Set()
let uncaught

function show(value) {
  try {
    return inspect(value, { depth: 2, breakLength: Infinity }).slice(0, 200)
  } catch {
    return '?'
  }
}

function errorOf(failed) {
  const error = failed.error ?? failed.actual
  const unexpected = failed.operator === 'error' && error instanceof Error && error.code !== 'ERR_ASSERTION'
  if (unexpected) return error
  const stack = failed.error?.stack ?? ''
  const compared = failed.operator !== 'fail' && 'expected' in failed && 'actual' in failed
  const difference = compared ? ': expected ' + show(failed.expected) + ', got ' + show(failed.actual) : ''
  return { name: 'AssertionError', message: failed.name + difference, code: failed.error?.code, stack, matcherResult: true }
}

function finish(entry, left) {
  open.delete(entry)
  const { test, failures, file, names, results } = entry
  const failed = failures[0]
  const skipped = test._skip || test._todo || (results > 0 && entry.skipped === results)
  const error = failed ? errorOf(failed) : left
  record.result({
    of: test,
    file,
    names,
    status: error ? (test._todo ? 'skip' : 'fail') : skipped ? 'skip' : 'pass',
    error,
    timeout: failed && / timed out after \d+ms$/.test(String(failed.name)),
  })
}

function watch(test, file, parents) {
  const entry = { test, file, names: [...parents, String(test.name)], failures: [], results: 0, skipped: 0, ended: false }
  waiting.add(entry)
  test.on('prerun', () => {
    waiting.delete(entry)
    open.add(entry)
  })
  test.on('test', (child) => watch(child, file, entry.names))
  test.on('result', (result) => {
    if (typeof result === 'string') return
    entry.results++
    if (result.skip || result.todo) entry.skipped++
    if (!result.ok && !result.todo) entry.failures.push(result)
    if (entry.ended && !result.ok) finish(entry)
  })
  test.on('end', () => {
    entry.ended = true
    waiting.delete(entry)
    finish(entry)
  })
}

process.on('uncaughtExceptionMonitor', (error) => {
  uncaught = error
})
process.on('exit', () => {
  const innermost = [...open].pop()
  for (const entry of open) {
    const left = entry === innermost && uncaught
    finish(entry, left || { name: '', message: 'test exited without ending' })
  }
  // Tests that "only" left out wait as well, but then nothing has crashed.
  if (uncaught) for (const entry of waiting) finish(entry, { name: '', message: 'an earlier test ended the process' })
})

/** The same constructor, but all that is made with it is watched. */
const watching = (Constructor, look) =>
  new Proxy(Constructor, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget)
      look(made)
      return made
    },
  })

module.exports = {
  test: (Test) => watching(Test, (test) => watch(test, callerFile(), [])),
  // The last thing that a test run says: an exit in the middle comes before it.
  results: (Results) => watching(Results, (results) => results.once('done', () => record.end())),
}
`;
