/**
 * `rust.cjs`, which cargo starts each test binary with: libtest reports as JSON, of which the results are kept and the text
 * is printed as ever. A binary with another harness, and every other program, runs as it is.
 */
export const rustProgram = String.raw`'use strict'
const { spawn } = require('child_process')
const fs = require('fs')
const path = require('path')
const readline = require('readline')
const record = require('./record.cjs').take()
const { root, only } = require('./target.json')

const [binary, ...words] = process.argv.slice(2)
const SIGN = Buffer.from('RUST_TEST_THREADS')
const isTest = () => /\/deps\/[^/]+-[0-9a-f]{8,}$/.test(binary) && fs.readFileSync(binary).includes(SIGN)

/** The files that the binary is made of, its own first. */
function sourcesOf() {
  let text = ''
  try {
    text = fs.readFileSync(binary + '.d', 'utf8')
  } catch {}
  const line = text.split('\n').find((one) => one.startsWith(binary + ':') || /-[0-9a-f]{8,}: /.test(one)) ?? ''
  const names = line.slice(line.indexOf(': ') + 2).split(/(?<!\\) /)
  const places = [root, process.cwd()]
  return names
    .filter((name) => name.endsWith('.rs'))
    .map((name) => places.map((place) => path.resolve(place, name.replace(/\\ /g, ' '))).find((file) => fs.existsSync(file)))
    .filter((file) => file !== undefined)
}

const sources = sourcesOf()
const texts = new Map()
function fileOf(test) {
  const parts = test.split('::')
  const name = parts.pop()
  const holds = (file) => {
    if (!texts.has(file)) texts.set(file, fs.readFileSync(file, 'utf8'))
    return new RegExp('\\bfn\\s+' + name + '\\b').test(texts.get(file))
  }
  const found = sources.filter(holds)
  const score = (file) => parts.filter((part) => path.relative(root, file).replace(/\.rs$/, '').split('/').includes(part)).length
  return found.sort((a, b) => score(b) - score(a))[0] ?? sources[0] ?? ''
}

function failureOf(text) {
  const [, place = '', said = ''] = /panicked at ([^\n]*?):\d+:\d+:?\n?([^\n]*)/.exec(text) ?? []
  const message = said || text.trim().split('\n').find((line) => line !== '') || ''
  if (/^(assertion\b|.*assert)/i.test(message)) return { message: text.slice(text.indexOf(message)).split('\nnote:')[0].split('\nstack backtrace')[0], reason: 'assertion' }
  if (/No such file or directory|NotFound/.test(message)) return { message, reason: 'missing-file' }
  const own = place !== '' && !/^\/rustc\/|\/\.?cargo\/|\/registry\//.test(place)
  return { message, reason: own ? 'exception' : /^Error: /.test(message) ? 'exception' : 'unknown' }
}

const tests = new Map()
let ended = false
function read(event) {
  if (event.type === 'suite') {
    if (event.event === 'started') process.stdout.write('running ' + event.test_count + ' tests\n')
    else {
      ended = true
      process.stdout.write('test result: ' + event.event + '. ' + event.passed + ' passed; ' + event.failed + ' failed; ' + event.ignored + ' ignored\n')
    }
    return
  }
  if (event.type !== 'test') return
  if (!tests.has(event.name)) tests.set(event.name, {})
  const entry = tests.get(event.name)
  const status = { ok: 'pass', failed: 'fail', ignored: 'skip' }[event.event]
  if (status === undefined) return
  process.stdout.write('test ' + event.name + ' ... ' + event.event + '\n' + (status === 'fail' ? event.stdout ?? '' : ''))
  entry.status = status
  add(event.name, status, status === 'fail' ? failureOf((event.stdout ?? '') || (event.message ?? '')) : undefined)
}

function add(name, status, error) {
  record.result({ of: tests.get(name), file: fileOf(name), names: name.split('::'), status, error, reason: error?.reason })
}

/** A binary that ends before its runner has come to the end has said what it pleased about its tests. */
function end(code) {
  if (ended) return record.end()
  const error = { message: 'The test binary ended before its tests were over.', reason: 'unknown' }
  for (const [name, { status }] of tests) if (status === undefined || (code === 0 && status === 'pass')) add(name, 'fail', error)
}

function run(args, env, stdio) {
  const child = spawn(binary, args, { stdio, env })
  child.on('error', () => (process.exitCode = 127))
  child.on('close', (code, signal) => {
    if (stdio !== 'inherit') end(code)
    if (signal) process.kill(process.pid, signal)
    process.exitCode = code ?? 1
  })
  return child
}

if (process.env.DUNLIN_REPORTER || !isTest() || words.some((word) => /^--(list|format|bench|help)\b/.test(word))) {
  run(words, process.env, 'inherit')
} else if (!only || sources.some((file) => only.includes(path.relative(root, file)))) {
  const env = { ...process.env, RUSTC_BOOTSTRAP: '1', DUNLIN_REPORTER: 'cargo test' }
  const child = run([...words, '-Z', 'unstable-options', '--format', 'json'], env, ['inherit', 'pipe', 'inherit'])
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    let event
    try {
      event = line.startsWith('{') ? JSON.parse(line) : undefined
    } catch {}
    if (event) read(event)
    else process.stdout.write(line + '\n')
  })
}
`;
