/**
 * `go.cjs`, behind the `go` on the test command's path: `go test` runs with its events as JSON, of which the results are
 * kept and the text is printed as ever. Results of an earlier run are never taken from Go's cache.
 */
export const goProgram = String.raw`'use strict'
const { spawn, spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const readline = require('readline')
const record = require('./record.cjs').take()
const { root, only } = require('./target.json')

const TAKES_VALUE = new Set(
  'p asmflags buildmode compiler covermode coverpkg coverprofile gccgoflags gcflags installsuffix ldflags mod modfile overlay pkgdir tags toolexec exec o bench benchtime blockprofile blockprofilerate count cpu cpuprofile fuzz fuzztime fuzzminimizetime list memprofile memprofilerate mutexprofile mutexprofilefraction outputdir parallel run shuffle skip timeout trace vet C'.split(' '),
)
const [go, ...words] = process.argv.slice(2)
const nameOf = (word) => /^--?([\w.]+)/.exec(word)?.[1]?.replace(/^test\./, '')
const plain = () => pass(spawnSync(go, words, { stdio: 'inherit' }))
function pass({ status, signal }) {
  if (signal) process.kill(process.pid, signal)
  process.exitCode = status ?? 1
}

/** Test functions of a package, by the file they stand in. */
const known = new Map()
function filesOf(folder) {
  if (known.has(folder)) return known.get(folder)
  const files = new Map()
  known.set(folder, files)
  let names = []
  try {
    names = fs.readdirSync(folder).filter((name) => name.endsWith('_test.go'))
  } catch {}
  for (const name of names) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8')
    files.set(name, [...text.matchAll(/^func\s+((?:Test|Fuzz|Example)\w*)\s*\(/gm)].map((match) => match[1]))
  }
  return files
}
function fileOf(folder, test) {
  const top = test.split('/')[0]
  const found = [...filesOf(folder)].find(([, tests]) => tests.includes(top))
  return path.join(folder, found ? found[0] : '')
}

/** Folders of the modules that are tested here, to find a package's own. */
let modules
function folderOf(name) {
  modules ??= spawnSync(go, ['list', '-m', '-f', '{{.Path}}\t{{.Dir}}'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))
    .sort((a, b) => b[0].length - a[0].length)
  const plainName = name.replace(/ \[.*\]$/, '').replace(/\.test$/, '').replace(/_test$/, '')
  const [modulePath, folder] = modules.find(([one]) => plainName === one || plainName.startsWith(one + '/')) ?? []
  return modulePath === undefined ? path.resolve(plainName) : path.join(folder, plainName.slice(modulePath.length))
}

/** Only the wanted files' own tests: their packages, their names. */
function withOnly(rest) {
  if (!only) return rest
  const files = only.filter((file) => file.endsWith('_test.go')).map((file) => path.join(root, file))
  const folders = [...new Set(files.map((file) => path.dirname(file)))].filter((folder) => fs.existsSync(folder))
  const tests = files.flatMap((file) => filesOf(path.dirname(file)).get(path.basename(file)) ?? [])
  const kept = []
  for (let i = 0; i < rest.length; i++) {
    const name = nameOf(rest[i])
    if (name === 'args') break
    if (!name) continue
    const isAlone = !rest[i].includes('=') && TAKES_VALUE.has(name)
    if (name !== 'run') kept.push(...rest.slice(i, isAlone ? i + 2 : i + 1))
    if (isAlone) i++
  }
  const end = rest.findIndex((word) => nameOf(word) === 'args')
  const places = folders.map((folder) => './' + path.relative(process.cwd(), folder))
  return [...kept, '-run', '^(' + tests.join('|') + ')$', ...places, ...(end < 0 ? [] : rest.slice(end))]
}

const packages = new Map()
function stateOf(name) {
  if (!packages.has(name)) packages.set(name, { tests: new Map(), failed: [], said: '', begun: false })
  return packages.get(name)
}

/** The code under test is what a trace goes through, be it only in the test. */
function failureOf(text, folder) {
  const lines = text.split('\n').filter((line) => !/^\s*(=== |--- )/.test(line))
  const panic = lines.findIndex((line) => /^\s*(panic: |fatal error: )/.test(line))
  if (panic >= 0) {
    const message = lines[panic].trim().replace(/ \[recovered\].*$/, '')
    const traced = lines.slice(panic).some((line) => line.includes(root + '/') && /\.go:\d+/.test(line))
    return { message, reason: /^panic: test timed out/.test(message) ? 'timeout' : traced ? 'exception' : 'unknown' }
  }
  const at = lines.findIndex((line) => /^\s+\S+\.go:\d+: ?/.test(line))
  if (at < 0) return { message: lines.map((line) => line.trim()).filter(Boolean)[0] ?? '', reason: 'unknown' }
  const first = lines[at].replace(/^\s+\S+\.go:\d+: ?/, '').trim()
  const message = first || (lines.slice(at + 1).find((line) => /Error:/.test(line)) ?? lines[at + 1] ?? '').trim()
  const missing = /no such file or directory/.test(message)
  return { message, reason: missing ? 'missing-file' : 'assertion' }
}

function add(name, test, status, error) {
  const folder = folderOf(name)
  const state = stateOf(name)
  record.result({ of: state.tests.get(test), file: fileOf(folder, test), names: test.split('/'), status, error, reason: error?.reason })
}

function failTest(name, test, fallback) {
  const state = stateOf(name)
  const entry = state.tests.get(test)
  let failure = failureOf(entry.text, folderOf(name))
  // A group fails with its members.
  const member = state.failed.find((one) => one.test.startsWith(test + '/'))
  if (failure.reason === 'unknown' && member) failure = member.failure
  if (fallback && failure.message === '') failure = fallback
  state.failed.push({ test, failure })
  entry.status = 'fail'
  add(name, test, 'fail', failure)
}

/** Nothing of the package could be run: each of its test files fails. */
function failPackage(name, text) {
  const folder = folderOf(name)
  const line = text.split('\n').find((one) => /^\S+\.go:\d+(:\d+)?: /.test(one)) ?? text.split('\n').find((one) => one.trim() !== '' && !one.startsWith('#')) ?? ''
  const message = line.replace(/^\S+\.go:\d+(:\d+)?: /, '').trim()
  const unknown = /undefined|not declared|has no field or method|is not in |no required module|cannot find|could not import|not exported|imported and not used/.test(message)
  const reason = unknown ? 'import' : 'syntax'
  for (const file of filesOf(folder).keys()) {
    record.result({ file: path.join(folder, file), names: [], load: true, status: 'fail', error: { name: '', message }, reason })
  }
}

function endPackage(name, action) {
  const state = stateOf(name)
  const open = [...state.tests].filter(([, { status }]) => status === undefined)
  const failure = failureOf(state.said, folderOf(name))
  for (const [test] of open.reverse()) failTest(name, test, failure.message ? failure : { message: 'The test binary ended before this test did.', reason: 'unknown' })
  const cut = path.join(__dirname, 'cut', Buffer.from(folderOf(name)).toString('hex').slice(0, 200))
  if (fs.existsSync(cut)) {
    const error = { message: 'The test binary ended itself before its tests were over.', reason: 'unknown' }
    for (const [test, { status }] of state.tests) if (status === 'pass') add(name, test, 'fail', error)
  }
  if (action === 'fail' && state.tests.size === 0) failPackage(name, state.built || state.said || complained)
}

/** What the compiler says of each package, before Go 1.24 outside of the events. */
let complained = ''
const built = new Map()
function keepBuild(line) {
  const header = /^# (\S+)/.exec(line)?.[1]
  if (header) keepBuild.of = header.replace(/_test$/, '').replace(/\.test$/, '')
  if (keepBuild.of) built.set(keepBuild.of, ((built.get(keepBuild.of) ?? '') + line + '\n').slice(0, 65536))
  complained = (complained + line + '\n').slice(-65536)
  const failed = /^FAIL\s+(\S+) \[(?:build|setup) failed\]/.exec(line)?.[1]
  if (failed) failPackage(failed, built.get(failed) ?? complained)
}

function read(event, verbose) {
  const { Action: action, Package: name = '', Test: test, Output: output = '' } = event
  if (action === 'build-output') {
    process.stdout.write(output)
    for (const line of output.split('\n').filter(Boolean)) keepBuild(line)
    return
  }
  if (!name || action === 'start') return
  const state = stateOf(name)
  state.built = built.get(name)
  if (test === undefined) {
    if (action === 'output') {
      state.said = (state.said + output).slice(-65536)
      if (verbose || !/^PASS\n$/.test(output)) process.stdout.write(output)
    } else if (action === 'pass' || action === 'fail' || action === 'skip') endPackage(name, action)
    return
  }
  if (/^Benchmark/.test(test)) return void (action === 'output' && process.stdout.write(output))
  if (!state.tests.has(test)) state.tests.set(test, { text: '' })
  const entry = state.tests.get(test)
  if (action === 'output') {
    entry.text = (entry.text + output).slice(-65536)
    if (verbose) process.stdout.write(output)
  } else if (action === 'pass' || action === 'skip') {
    if (entry.status === 'fail') return
    entry.status = action
    entry.text = ''
    add(name, test, action)
  } else if (action === 'fail') {
    if (!verbose) process.stdout.write(entry.text)
    failTest(name, test)
  }
}

function main() {
  const at = words[0] === '-C' ? 2 : 0
  const rest = words.slice(at + 1)
  const own = rest.slice(0, rest.findIndex((word) => nameOf(word) === 'args') >>> 0)
  const names = own.map(nameOf)
  if (words[at] !== 'test' || ['c', 'list', 'fuzz', 'n', 'h', 'help', 'json'].some((name) => names.includes(name))) return plain()
  const wrap = names.includes('exec') || names.includes('memprofile') ? [] : ['-exec', path.join(__dirname, 'bin', 'go-exec')]
  const count = names.includes('count') ? [] : ['-count=1']
  const verbose = own.some((word) => /^--?(test\.)?v(=true)?$/.test(word))
  fs.mkdirSync(path.join(__dirname, 'cut'), { recursive: true })
  const env = { ...process.env, DUNLIN_REPORTER: 'go test', DUNLIN_CHECK: __dirname }
  const child = spawn(go, [...words.slice(0, at), 'test', '-json', ...count, ...wrap, ...withOnly(rest)], { stdio: ['inherit', 'pipe', 'pipe'], env })
  readline.createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', (line) => {
    let event
    try {
      event = line.startsWith('{') ? JSON.parse(line) : undefined
    } catch {}
    if (event && typeof event.Action === 'string') return read(event, verbose)
    process.stdout.write(line + '\n')
    keepBuild(line)
  })
  readline.createInterface({ input: child.stderr }).on('line', (line) => {
    process.stderr.write(line + '\n')
    keepBuild(line)
  })
  child.on('error', () => (process.exitCode = 127))
  child.on('close', (status, signal) => {
    if (!signal) record.end()
    pass({ status, signal })
  })
}

main()
`;

/**
 * `bin/go-exec`, between `go test` and each test binary: one that ends with success before its runner has come to the end,
 * and so hasn't written the profile that is asked for, has said what it pleased about its tests.
 */
export const goExecProgram = String.raw`#!/bin/sh
binary=$1
shift
case " $* " in *" -test.memprofile="*) exec "$binary" "$@" ;; esac
profile=$DUNLIN_CHECK/cut/profile.$$
"$binary" "-test.memprofile=$profile" "$@"
status=$?
if [ "$status" = 0 ] && [ ! -s "$profile" ]; then
  name=$(pwd -P | tr -d '\n' | od -An -v -tx1 | tr -d ' \n' | cut -c 1-200)
  : > "$DUNLIN_CHECK/cut/$name"
fi
rm -f "$profile"
exit "$status"
`;
