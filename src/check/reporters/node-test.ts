/**
 * `node-test.mjs`, a reporter for node:test (Node 20 to 24). A file that has no tests of its own counts as one test;
 * what it printed is kept, since it may be a report in TAP.
 */
export const nodeTestProgram = String.raw`import path from 'node:path'
import { createRequire } from 'node:module'
const record = createRequire(import.meta.url)('./record.cjs').take()

const printed = new Map()
const complained = new Map()
const keep = (map, { file, message }) => {
  const key = path.resolve(file ?? '')
  map.set(key, ((map.get(key) ?? '') + message).slice(0, 16e6))
}

const isFile = (data) => data.nesting === 0 && data.file && path.resolve(data.name) === path.resolve(data.file)

function addFile(data, failed) {
  const file = path.resolve(data.name)
  const tap = printed.get(file)
  if (tap && /^TAP version \d+|^\s*(not )?ok\b/m.test(tap)) record.tap(file, tap)
  const stack = complained.get(file) ?? tap ?? ''
  const text = stack.slice(-6000)
  const message = /^[\w.]*(?:Error|Exception)\b.*$/m.exec(text)?.[0] ?? data.details?.error?.message
  const error = { message, stack: text, code: /\bcode: '(\w+)'/.exec(text)?.[1], name: /^\w*Error/.exec(message ?? '')?.[0] }
  const timeout = data.details?.error?.failureType === 'testTimeoutFailure'
  record.result({ file, names: [], load: true, status: failed ? 'fail' : 'pass', error, timeout })
}

function add(data, names, failed) {
  const error = data.details?.error
  const kind = error?.failureType
  // A group fails with its members; only its own hooks are its own failure.
  if (data.details?.type === 'suite' && kind !== 'hookFailed') return
  const skipped = data.skip !== undefined && data.skip !== false
  const todo = data.todo !== undefined && data.todo !== false
  record.result({
    file: data.file ?? data.entryFile,
    names: names.filter((name) => name !== undefined),
    status: skipped || todo ? 'skip' : failed ? 'fail' : 'pass',
    error: error?.cause && typeof error.cause === 'object' ? error.cause : error,
    timeout: kind === 'testTimeoutFailure',
  })
}

export default async function* (source) {
  const open = []
  for await (const { type, data } of source) {
    if (type === 'test:stdout') keep(printed, data)
    else if (type === 'test:stderr') keep(complained, data)
    else if (type === 'test:start') open[data.nesting] = data.name
    else if (type === 'test:pass' || type === 'test:fail') {
      const failed = type === 'test:fail'
      if (isFile(data)) addFile(data, failed)
      else add(data, [...open.slice(0, data.nesting), data.name], failed)
    }
  }
  record.end()
  yield ''
}
`;
