import { quoteWord } from "../shell-words.ts";

/** `launch.cjs`: starts the real Node for `node --test`, whose reporters can only be given as arguments. */
export const launchProgram = `'use strict'
const { spawnSync } = require('child_process')
const path = require('path')
const { node } = require('./arguments.cjs')
const { root, only, alone } = require('./target.json')

// A name that begins like an option must not pass for one.
const named = (file) => (file.startsWith('-') ? './' + file : file)
const files = only?.map((file) => named(path.relative(process.cwd(), path.join(root, file)))).filter((file) => !file.startsWith('..'))
const { testing, words } = node(process.argv.slice(2), __dirname, files?.length ? files : undefined, alone)
const env = { ...process.env }
if (testing) env.DUNLIN_REPORTER = 'node:test'
const { status, signal } = spawnSync(process.execPath, ['--require', path.join(__dirname, 'hook.cjs'), ...words], { stdio: 'inherit', env })
if (signal) process.kill(process.pid, signal)
process.exitCode = status ?? 1
`;

/**
 * `bin/node`, first on the path of the test command, so that every Node program started by name gets its reporter,
 * however deep in npm scripts, wrappers and chains. Below a runner it does nothing: tests start their own programs.
 */
export function nodeShim(node: string): string {
  const program = quoteWord(node);
  return `#!/bin/sh
[ -z "$DUNLIN_REPORTER" ] || exec ${program} "$@"
folder=\${0%/bin/node}
case " $* " in
  *" --test"*) exec ${program} "$folder/launch.cjs" "$@" ;;
esac
exec ${program} --require "$folder/hook.cjs" "--test-reporter=$folder/node-test.mjs" \\
  "--test-reporter-destination=$folder/discarded" --test-reporter=spec --test-reporter-destination=stdout "$@"
`;
}
