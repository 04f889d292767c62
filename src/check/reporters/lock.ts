/**
 * `lock.cjs`, loaded before the tests and the code they test: what judges a test can't be replaced by what is judged.
 * Only what is there is locked, so that libraries may still add to it.
 */
export const lockProgram = `'use strict'
const assert = require('assert')
const { AsyncResource } = require('async_hooks')

function lock(owner) {
  for (const key of Reflect.ownKeys(owner)) {
    const property = Reflect.getOwnPropertyDescriptor(owner, key)
    if ('value' in property) Reflect.defineProperty(owner, key, { writable: false, configurable: false })
    else Reflect.defineProperty(owner, key, { configurable: false })
  }
}

for (const owner of [assert, assert.strict, assert.AssertionError, AsyncResource.prototype]) lock(owner)
if (process.env.NODE_TEST_CONTEXT !== undefined) lock(require('node:test'))
`;
