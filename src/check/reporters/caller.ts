/** `caller.cjs`, for runners that don't say which file a test stands in: the innermost one of the repository's own. */
export const callerProgram = String.raw`'use strict'

module.exports = function callerFile() {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 60
  const lines = String(new Error().stack).split('\n').slice(1)
  Error.stackTraceLimit = limit
  for (const line of lines) {
    const file = /(?:\(|at |async )(?:file:\/\/)?(\/.*?):\d+(?::\d+)?\)?$/.exec(line)?.[1]
    if (file && !file.includes('/node_modules/') && !file.startsWith(__dirname)) return decodeURI(file)
  }
  return process.argv[1]
}
`;
