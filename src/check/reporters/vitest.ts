/** `vitest.mjs`: a reporter beside vitest's own, on the old interface (0.34 to 2) and on the new one (3 to 5). */
export const vitestProgram = String.raw`import { createRequire } from 'node:module'
const record = createRequire(import.meta.url)('./record.cjs').take()
const TIMEOUT = /^(Test|Hook) timed out in \d+ms/
const STATUS = { pass: 'pass', passed: 'pass', fail: 'fail', failed: 'fail' }

function add(file, names, state, errors, load) {
  const error = errors?.[0]
  const status = STATUS[state] ?? 'skip'
  record.result({ file, names, status, error, load, timeout: TIMEOUT.test(error?.message ?? '') })
}

// A failed hook has no task of its own: the group's errors say so.
function addGroupErrors(file, names, errors) {
  if (errors?.length) add(file, names, 'fail', errors, names.length === 0)
}

function walk(task, file, names) {
  const state = task.mode === 'todo' || task.mode === 'skip' ? 'skip' : task.result?.state
  if (!task.tasks) return add(file, names, state, task.result?.errors ?? [task.result?.error].filter(Boolean))
  addGroupErrors(file, names, task.result?.errors ?? [task.result?.error].filter(Boolean))
  for (const child of task.tasks) walk(child, file, [...names, child.name])
}

function namesOf(entity) {
  const names = []
  for (let at = entity; at && at.type !== 'module'; at = at.parent) names.unshift(at.name)
  return names
}

export default class {
  seen = new Set()
  onTestModuleEnd(module) {
    if (this.seen.has(module)) return
    this.seen.add(module)
    const file = module.moduleId
    addGroupErrors(file, [], module.errors())
    for (const suite of module.children.allSuites()) addGroupErrors(file, namesOf(suite), suite.errors())
    for (const test of module.children.allTests()) {
      const result = test.result()
      add(file, namesOf(test), result?.state, result?.errors)
    }
  }
  onTestRunEnd(modules, errors) {
    this.modern = true
    // Version 3 keeps quiet about modules that could not be loaded.
    for (const module of modules) this.onTestModuleEnd(module)
    this.loose(errors)
    record.end()
  }
  onFinished(files = [], errors = []) {
    if (this.modern || this.seen.size > 0) return
    for (const file of files) walk(file, file.filepath, [])
    this.loose(errors)
    record.end()
  }
  loose(errors) {
    for (const error of errors ?? []) record.result({ file: '', names: ['(unhandled error)'], status: 'fail', error })
  }
}
`;
