/**
 * `ava.cjs`: listens to what ava's main process learns from its workers, beside ava's own output. Ava 4 to 7. Its class
 * is an ES module: it is loaded, and listened to, before ava's own program has loaded the configuration or any test.
 */
export const avaProgram = String.raw`'use strict'
const fs = require('fs')
const path = require('path')
const { pathToFileURL } = require('url')
const record = require('./record.cjs').take()

const waiting = new Map()
const files = new Map()
const done = new Set()

/** What a test threw is wrapped into an assertion of ava's; only its stack says what it was. */
function thrownBy({ stack }) {
  const [, name = '', code = '', message = 'the test threw'] = /^(\w*Error)(?: \[(\w+)\])?: ([^]*?)(?=\n\s+at |$)/.exec(stack) ?? []
  return { name, code, message, stack }
}

function errorOf(error) {
  if (error === null || typeof error !== 'object') return error
  const { name, message, stack } = error
  if (/^(?:Error thrown in|Rejected promise returned by) test/.test(message)) return thrownBy(error)
  const details = (error.formattedDetails ?? error.values ?? []).map(({ label, formatted }) => label + ' ' + formatted)
  const text = [message ?? error.formattedError ?? error.formatted, ...details].filter(Boolean).join(' ')
  const asserted = error.type === 'ava' || error.avaAssertionError === true
  return { name, message: text, stack, code: error.originalError?.code, ...(asserted && { matcherResult: true }) }
}

const keyOf = ({ testFile, title }) => testFile + '\0' + title

function add(event, status, error, timeout) {
  waiting.delete(keyOf(event))
  record.result({ file: event.testFile, names: [String(event.title)], status, error, timeout })
}

/** A test that waits in a file that is done will not end, however long it is waited for. */
const leave = (event) =>
  done.has(event.testFile) ? add(event, 'fail', { name: '', message: 'the test did not finish' }) : add(event, 'fail', { name: '', message: 'timed out' }, true)

/** However often a file as a whole fails, the first time says why. */
function addFile(event, message) {
  const file = event.testFile ?? ''
  if (!files.has(file)) files.set(file, {})
  const error = event.err ? errorOf(event.err) : { name: '', message, stack: String(event.stack ?? '') }
  record.result({ of: files.get(file), file, names: file ? [] : ['(ava)'], load: true, status: 'fail', error })
}

const listeners = {
  'selected-test': (event) => (event.skip || event.todo ? add(event, 'skip') : waiting.set(keyOf(event), event)),
  // A test that is marked as failing passes as long as it fails: that shows nothing.
  'test-passed': (event) => add(event, event.knownFailing ? 'skip' : 'pass'),
  'test-failed': (event) => add(event, 'fail', errorOf(event.err)),
  'hook-failed': (event) => add(event, 'fail', errorOf(event.err)),
  'uncaught-exception': (event) => addFile(event),
  'unhandled-rejection': (event) => addFile(event),
  'internal-error': (event) => addFile(event),
  'shared-worker-error': (event) => addFile(event),
  'missing-ava-import': (event) => addFile(event, 'the file does not import ava'),
  'process-exit': (event) => addFile(event, 'the file ended its process'),
  'worker-failed': (event) => {
    done.add(event.testFile)
    addFile(event, 'the process of the file failed')
  },
  'worker-finished': (event) => done.add(event.testFile),
  timeout: () => [...waiting.values()].forEach(leave),
}

/** The last question that ava asks, when all workers are done. */
function finish() {
  for (const event of [...waiting.values()]) {
    done.add(event.testFile)
    leave(event)
  }
  record.end()
}

function listen({ prototype }) {
  const { emitStateChange, suggestExitCode } = prototype
  prototype.emitStateChange = function (event) {
    if (Object.hasOwn(listeners, event.type)) listeners[event.type](event)
    return emitStateChange.call(this, event)
  }
  prototype.suggestExitCode = function (circumstances) {
    finish()
    return suggestExitCode.call(this, circumstances)
  }
}

module.exports = (entry) => {
  const status = path.join(path.dirname(entry), '..', 'lib', 'run-status.js')
  if (fs.existsSync(status)) import(pathToFileURL(status).href).then((module) => listen(module.default), () => {})
}
`;
