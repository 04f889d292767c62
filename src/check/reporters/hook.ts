/**
 * `hook.cjs`, loaded first in every Node program that the test command starts by name: adds the reporter's arguments
 * when the program is a test runner, watches tape, and keeps what a script of the repository prints as TAP.
 */
export const hookProgram = String.raw`'use strict'
require('./lock.cjs')
const fs = require('fs')
const Module = require('module')
const path = require('path')
const { rewrite } = require('./arguments.cjs')
const { root, only, alone, title } = require('./target.json')

/** Where a run that sees which lines ran has what it needs; no other place is believed. */
const COVERAGE = process.env.DUNLIN_COVERAGE === '/tmp/dunlin-coverage' ? process.env.DUNLIN_COVERAGE : undefined

const RUNNERS = new Set(['mocha', 'ts-mocha', 'jest', 'jest-cli', 'react-scripts', 'vitest', 'tap', '@tapjs/run', 'tape', 'ava', 'uvu', 'borp', 'tsx'])

// What was added to this program's Node must not be passed on to its workers.
if (process.execArgv[1] === __filename) {
  let end = 2
  while (/^--test-reporter(-destination)?=/.test(process.execArgv[end])) end++
  process.execArgv.splice(0, end)
  // But for the programs that node --test starts for the files: the tests are in them.
  if (process.env.DUNLIN_REPORTER === 'node:test') {
    process.execArgv.unshift('--require', path.join(__dirname, 'lock.cjs'))
    require('./record.cjs').open()
  }
}

function packageOf(file) {
  for (let at = path.dirname(file); at !== path.dirname(at); at = path.dirname(at)) {
    try {
      const { name } = JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8'))
      if (name) return name
    } catch {}
  }
  return ''
}

function realpath(file) {
  try {
    return fs.realpathSync(file)
  } catch {
    return ''
  }
}

/** The wanted files as this program would name them, or nothing when they aren't below its folder. */
function wanted() {
  if (!only) return undefined
  // A name that begins like an option must not pass for one.
  const named = (file) => (file.startsWith('-') ? './' + file : file)
  const files = only.map((file) => named(path.relative(process.cwd(), path.join(root, file)))).filter((file) => !file.startsWith('..'))
  return files.length > 0 ? files : undefined
}

function watchTape() {
  const load = Module._load
  const watched = new WeakMap()
  Module._load = function (request, parent, isMain) {
    const loaded = load.apply(this, arguments)
    const part = /(?:^|\/)lib\/(test|results)(?:\.js)?$/.exec(request)?.[1]
    if (part === undefined || typeof loaded !== 'function') return loaded
    if (!/\/node_modules\/tape\/index\.js$/.test(parent?.filename ?? '')) return loaded
    process.env.DUNLIN_REPORTER = 'tape'
    if (!watched.has(loaded)) watched.set(loaded, require('./tape.cjs')[part](loaded))
    return watched.get(loaded)
  }
}

/** Only where there is an uvu at all: every file that is loaded passes through here. */
function watchUvu() {
  try {
    Module.createRequire(process.cwd() + '/').resolve('uvu')
  } catch {
    return
  }
  Module.registerHooks?.({
    load(url, context, next) {
      const loaded = next(url, context)
      const [, kind] = /\/node_modules\/uvu\/dist\/index\.(m?js)$/.exec(url) ?? []
      if (kind === undefined || !loaded.source) return loaded
      process.env.DUNLIN_REPORTER = 'uvu'
      const source = require('./uvu.cjs').edit(Buffer.from(loaded.source).toString('utf8'), kind === 'mjs')
      return source === undefined ? loaded : { ...loaded, source }
    },
  })
}

/** A script that starts by printing a TAP version is a test by itself. */
function keepTap(file) {
  const { write } = process.stdout
  let record
  let tap
  process.stdout.write = function (chunk) {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    tap ??= /^\s*TAP version \d+/.test(text) && process.env.DUNLIN_REPORTER === undefined
    if (tap) {
      record ??= require('./record.cjs').take()
      record.tap(file, text)
      if (/^1\.\.\d+/m.test(text)) record.end()
    } else delete process.stdout.write
    return write.apply(this, arguments)
  }
}

const isOwn = (file) => file.startsWith(root + '/') && !file.includes('/node_modules/')

const entry = process.argv[1] && realpath(process.argv[1])
if (entry && process.env.DUNLIN_REPORTER === undefined) {
  const name = packageOf(entry)
  const words = process.argv.slice(2)
  if (RUNNERS.has(name) || isOwn(entry)) require('./record.cjs').open()
  if (RUNNERS.has(name) && !(name === 'tsx' && !words.includes('--test'))) {
    const rewritten = rewrite(name, words, __dirname, wanted(), alone, title)
    process.argv.splice(2, Infinity, ...(COVERAGE ? require(COVERAGE + '/runner.cjs')(name, rewritten) : rewritten))
    if (name === 'ava') require('./ava.cjs')(entry)
    if (name === 'tape') watchTape()
    else if (name === 'uvu') watchUvu()
    else process.env.DUNLIN_REPORTER = name === 'borp' ? 'node:test' : name
    // Borp starts a program for each file like node --test does.
    if (name === 'borp') process.execArgv.unshift('--require', path.join(__dirname, 'lock.cjs'))
  } else {
    watchTape()
    watchUvu()
    if (isOwn(entry)) keepTap(entry)
  }
}
`;
