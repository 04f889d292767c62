/**
 * `uvu.cjs`: uvu (0.5) tells nobody what a test did, so its one file is loaded with calls of the reporter's in it, all of
 * them or none. Needs a Node that can be asked to load a file in another way (22.15).
 */
export const uvuProgram = String.raw`'use strict'
const { pathToFileURL } = require('url')
const record = require('./record.cjs').take()
const callerFile = require('./caller.cjs')
let running
let uncaught

const CALLS = [
  ['ctx[key].push({ name, handler })', 'ctx[key].push(dunlin.found({ name, handler }))'],
  ['test.skip = () => { ctx.skips++ }', 'test.skip = (title) => { ctx.skips++; dunlin.skip(dunlin.found({ name: title }), name) }'],
  ["let num=0, errors='', total=arr.length;", "let num=0, errors='', total=arr.length; if (only.length) dunlin.leftOut(tests, name);"],
  ['state.__test__ = test.name;', 'state.__test__ = test.name; dunlin.start(test, name);'],
  ['write(PASS);', 'write(PASS); dunlin.pass(test, name);'],
  ['} catch (err) {', '} catch (err) { dunlin.fail(test, name, err);'],
  ['} finally {', '} finally { dunlin.left(arr, name);'],
  ["write('\\n  Total:     ' + total);", "dunlin.end(); write('\\n  Total:     ' + total);"],
]

const files = new WeakMap()
const reported = new WeakSet()

function add(test, suite, status, error) {
  if (reported.has(test)) return
  reported.add(test)
  if (running?.test === test) running = undefined
  record.result({ of: test, file: files.get(test), names: [suite, test.name].filter(Boolean).map(String), status, error })
}

process.on('uncaughtExceptionMonitor', (error) => {
  uncaught = error
})
process.on('exit', () => {
  if (running) add(running.test, running.suite, 'fail', uncaught ?? { name: '', message: 'the test did not finish' })
})

module.exports = {
  found(test) {
    files.set(test, callerFile())
    return test
  },
  start(test, suite) {
    running = { test, suite }
  },
  pass: (test, suite) => add(test, suite, 'pass'),
  fail: (test, suite, error) => add(test, suite, 'fail', error),
  skip: (test, suite) => add(test, suite, 'skip'),
  leftOut: (tests, suite) => tests.forEach((test) => add(test, suite, 'skip')),
  // A hook that throws is not told by uvu: the tests behind it just don't run.
  left: (tests, suite) => tests.forEach((test) => add(test, suite, 'fail', { name: '', message: 'a hook kept the test from running' })),
  end: () => record.end(),
  /** The text of uvu's file with the calls in it, or nothing when it isn't the file that is known. */
  edit(text, isModule) {
    if (!CALLS.every(([before]) => text.split(before).length === 2)) return undefined
    const edited = CALLS.reduce((at, [before, after]) => at.replace(before, () => after), text)
    const own = JSON.stringify(isModule ? pathToFileURL(__filename).href : __filename)
    return (isModule ? 'import dunlin from ' + own + ';' : 'const dunlin = require(' + own + ');') + edited
  },
}
`;
