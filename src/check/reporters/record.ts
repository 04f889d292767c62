/**
 * `record.cjs`, shared by all reporters: appends one JSON line a result to a file of its own, at once, so that a run
 * that is killed half-way still counts. Lines are read by `read-report.ts`.
 */
export const recordProgram = String.raw`'use strict'
const fs = require('fs')
const path = require('path')

let file
let count = 0
const ids = new Map()

function append(entry) {
  try {
    file ??= fs.openSync(path.join(__dirname, 'reports', process.pid + '-' + process.hrtime.bigint() + '.ndjson'), 'ax')
    fs.writeSync(file, JSON.stringify(entry) + '\n')
  } catch {} // a full disk must not change what the tests do
}

const clip = (value, length) => {
  try {
    return String(value).slice(0, length)
  } catch {
    return ''
  }
}

function describe(error) {
  if (error === null || typeof error !== 'object') return { name: '', message: clip(error, 4000), code: '', stack: '' }
  const own = (key) => {
    try {
      return error[key]
    } catch {}
  }
  return {
    name: clip(own('name') ?? '', 200),
    message: clip(own('message') ?? '', 4000),
    code: clip(own('code') ?? '', 200),
    stack: clip(own('stack') ?? '', 8000),
    assertion:
      own('code') === 'ERR_ASSERTION' ||
      own('matcherResult') !== undefined ||
      /Assert|Expectation/.test(own('name')) ||
      (own('actual') !== own('expected') && !(own('actual') === 'undefined' && own('expected') === 'undefined')),
  }
}

/** Results with the same "of" object are one test reported more than once. */
function result({ of, file, names, status, error, timeout, load, reason }) {
  let id = of && ids.get(of)
  if (!id) {
    id = process.pid + '.' + ++count
    if (of) ids.set(of, id)
  }
  append({
    id,
    file: clip(file ?? '', 4096),
    names: names.map((name) => clip(name, 2000)),
    status,
    ...(load && { load: true }),
    ...(status === 'fail' && { error: { ...describe(error), ...(timeout && { timeout: true }), ...(reason && { reason }) } }),
  })
}

/** What a file printed as TAP, in lines that are not too long to be read. */
function tap(file, text) {
  for (let at = 0; at < text.length; at += 16384) append({ file: clip(file, 4096), tap: text.slice(at, at + 16384) })
}

module.exports = { result, tap }
`;
