/**
 * `record.cjs`, shared by all reporters: appends one JSON line a result to a file of its own, at once, so that a run
 * that is killed half-way still counts. Each line is sealed with a key that only this process and the host know, and
 * each seal covers the one before: `sealed-lines.ts` sees what was changed, left out or written by somebody else.
 */
export const recordProgram = String.raw`'use strict'
const fs = require('fs')
const path = require('path')
const { createHash, Hash } = require('crypto')

// What the tests' own code may replace is taken before it loads.
const { openSync, writeSync } = fs
const { stringify } = JSON
const bound = Function.prototype.call.bind(Function.prototype.bind, Function.prototype.call)
const update = bound(Hash.prototype.update)
const digest = bound(Hash.prototype.digest)
const sha256 = (text) => digest(update(createHash('sha256'), text), 'hex')

let file
let key
let seal = ''
let count = 0
let taken = false
const ids = new Map()

/** The key is gone from the disk before any test is loaded; the next runner finds one that doesn't tell this one. */
function claimKey() {
  const place = path.join(__dirname, 'key')
  const mine = place + '-' + process.pid
  for (let tries = 0; ; tries++) {
    try {
      fs.renameSync(place, mine)
      break
    } catch (error) {
      if (tries === 200) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10) // another runner is at it
    }
  }
  const key = fs.readFileSync(mine, 'utf8')
  fs.writeFileSync(mine, sha256('next' + key))
  fs.renameSync(mine, place)
  return key
}

/** Takes the key, before anything else of the program is loaded. */
function open() {
  if (file !== undefined) return
  try {
    key = claimKey()
    file = openSync(path.join(__dirname, 'reports', process.pid + '-' + process.hrtime.bigint() + '.ndjson'), 'ax')
    append({ start: path.basename(process.argv[1] || '') })
  } catch {}
}

function append(entry) {
  try {
    const text = stringify(entry)
    seal = sha256(key + seal + text + key)
    writeSync(file, seal + text + '\n')
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
  open()
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
  open()
  for (let at = 0; at < text.length; at += 16384) append({ file: clip(file, 4096), tap: text.slice(at, at + 16384) })
}

/** The runner itself says that all that it had to run was run. */
function end() {
  open()
  append({ end: true })
}

/** Given once: who asks later is not the reporter. */
function take() {
  if (taken) return { result() {}, tap() {}, end() {} }
  taken = true
  open()
  return { result, tap, end }
}

module.exports = { open, take }
`;
