/**
 * `clock.cjs`, loaded first in every Node program of a run: `Date` is that far ahead, in each of jest's worlds too.
 * Timers, file times and `performance` are left alone. What a test puts in the place of `Date` works as ever.
 */
export function clockProgram(aheadMs: number): string {
  return `'use strict'
const vm = require('vm')
const shift = String(function (ahead) {
  const Real = Date
  const now = Real.now
  Real.now = function () { return now() + ahead }
  globalThis.Date = new Proxy(Real, {
    apply: () => new Real(Real.now()).toString(),
    construct: (target, args, to) => Reflect.construct(target, args.length === 0 ? [Real.now()] : args, to),
  })
  Real.prototype.constructor = globalThis.Date
})
const source = '(' + shift + ')(${Math.trunc(aheadMs)})'
vm.runInThisContext(source)
const { createContext } = vm
vm.createContext = function () {
  const context = createContext.apply(this, arguments)
  try { vm.runInContext(source, context) } catch {}
  return context
}
`;
}
