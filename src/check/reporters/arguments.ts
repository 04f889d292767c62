/**
 * `arguments.cjs`: how each runner's own arguments change, as pure functions, so that it reports to Dunlin, does not
 * stop at the first failure, and runs only the wanted files when there are any.
 */
export const argumentsProgram = String.raw`'use strict'
const set = (text) => new Set(text.split(/\s+/).filter(Boolean))

// Options that take their value as the next word; without this list a value would pass for a file.
const TAKES_VALUE = {
  node: set('-r --require --import --loader --experimental-loader -C --conditions -e --eval -p --print -pe --env-file --env-file-if-exists --input-type --title --test-name-pattern --test-skip-pattern --test-concurrency --test-timeout --test-shard --test-isolation --test-reporter --test-reporter-destination --tsconfig'),
  mocha: set('--reporter -R --require -r --ui -u --timeout --timeouts -t --slow -s --grep -g --fgrep -f --ignore --exclude --extension --ext --file --config --opts --package --retries --jobs -j --spec --global --globals --reporter-option --reporter-options -O --node-option -n --compilers --watch-files --watch-ignore --paths --project -p'),
  jest: set('-c --config -t --testNamePattern -w --maxWorkers --env --testEnvironment --rootDir --testPathPattern --testPathPatterns --testPathIgnorePatterns --reporters --projects --selectProjects --ignoreProjects --testTimeout --outputFile --coverageDirectory --coverageProvider --coverageReporters --collectCoverageFrom --changedSince --shard --testMatch --testRegex --setupFilesAfterEnv --preset --transform --maxConcurrency --workerThreads --seed --roots'),
  vitest: set('-c --config -r --root --dir --project --environment --pool -t --testNamePattern --reporter --outputFile --mode --shard --exclude --maxWorkers --minWorkers --testTimeout --hookTimeout --retry --maxConcurrency --bail --sequence.seed --changed --workspace --browser --attachmentsDir'),
  tape: set('-r --require -i --ignore --ignore-pattern --import'),
  ava: set('-c --concurrency -m --match -T --timeout --node-arguments --config'),
  uvu: set('-i --ignore -r --require -C --cwd'),
  borp: set('-p --pattern -c --concurrency -t --timeout -X --coverage-exclude -i --ignore -P --post-compile -r --reporter --lines --branches --functions --statements'),
  tap: set('-R --reporter -j --jobs -t --timeout -o --output-file -g --grep --node-arg --test-arg --coverage-report --coverage-map --files --test-regex --test-ignore --libtap-settings --before --after --plugin -d --output-dir'),
}
const DROPPED = {
  node: set(''),
  mocha: set('--reporter -R --bail -b --watch -w'),
  jest: set('--reporters --bail -b --watch --watchAll'),
  vitest: set('--reporter --bail --watch -w'),
  tape: set(''),
  ava: set('--fail-fast --watch -w'),
  uvu: set('--bail -b'),
  borp: set('--watch -w'),
  tap: set('--output-file -o --bail -b --watch -w --changed'),
}
const DROPPED_WITH_FILES = {
  mocha: set('--spec'),
  jest: set('--testPathPattern --testPathPatterns --findRelatedTests --runTestsByPath --onlyChanged -o --changedSince --lastCommit'),
  vitest: set('--changed --dir'),
  uvu: set('--cwd -C'),
  borp: set('--pattern -p'),
}

/** How the one wanted test is told, where there is one. */
const BY_NAME = { node: '--test-name-pattern', mocha: '--grep', jest: '--testNamePattern', vitest: '--testNamePattern', ava: '--match' }

/** Words with what each is; options are dropped together with their values. */
function sift(runner, words, only) {
  const kept = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word === '--') return [...kept, ...words.slice(i + 1).map((file) => ({ file }))]
    if (!word.startsWith('-')) {
      kept.push({ file: word })
      continue
    }
    const name = word.split('=')[0]
    const takes = name === word && TAKES_VALUE[runner].has(name) && i + 1 < words.length
    const dropped = DROPPED[runner].has(name) || (only && DROPPED_WITH_FILES[runner]?.has(name))
    if (!dropped) kept.push({ option: takes ? [word, words[i + 1]] : [word] })
    if (takes) i++
  }
  return kept
}

const flatten = (sifted) => sifted.flatMap(({ file, option }) => option ?? [file])
const optionsOf = (sifted) => sifted.flatMap(({ option }) => option ?? [])

function place(runner, own, words, { only, alone }, before = []) {
  const sifted = sift(runner, words, only)
  const added = alone && BY_NAME[runner] ? [...own, BY_NAME[runner] + '=' + alone] : own
  return only ? [...added, ...optionsOf(sifted), ...before, ...only] : [...added, ...flatten(sifted)]
}

function vitest(words, folder, wanted) {
  const added = ['--reporter=default', '--reporter=' + folder + '/vitest.mjs', '--watch=false']
  const command = /^(run|dev|watch|related|bench|list|init)$/.test(words[0] ?? '') ? [words[0]] : []
  const mode = command[0] === 'watch' || command[0] === 'dev' ? ['run'] : command
  return [...mode, ...place('vitest', added, words.slice(command.length), wanted)]
}

/** What follows a double dash is for the tests; of a title's characters a few mean something else to ava. */
function ava(words, { only, title }) {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  const alone = title?.replace(/^!|[*\\]/g, '*')
  return [...place('ava', ['--no-fail-fast'], words.slice(0, end), { only, alone }), ...words.slice(end)]
}

/** Files are chosen by one pattern of their names below a folder. */
function uvu(words, only) {
  const names = only?.map((file) => file.replace(/^\.\//, '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  return place('uvu', [], words, { only: names && ['.', '^(?:' + names.join('|') + ')$'] })
}

/** A reporter takes the place of borp's own, which is wanted for the log. */
function borp(words, folder, only) {
  const told = words.some((word) => /^(?:-r|--reporter)/.test(word))
  return place('borp', ['--reporter=' + folder + '/node-test.mjs', ...(told ? [] : ['--reporter=spec'])], words, { only })
}

/** Words after the program's name, for the runner of that name. */
function rewrite(runner, words, folder, only, alone, title) {
  const wanted = { only, alone }
  switch (runner) {
    case 'mocha':
    case 'ts-mocha':
      return place('mocha', ['--reporter', folder + '/mocha.cjs'], words, wanted)
    case 'react-scripts':
      return words[0] === 'test' ? ['test', ...rewrite('jest', words.slice(1), folder, only, alone)] : words
    case 'jest':
    case 'jest-cli':
      // Last, because jest takes the words after an option of many for more of its values.
      return [...place('jest', [], words, wanted, ['--runTestsByPath']), '--reporters=default', '--reporters=' + folder + '/jest.cjs']
    case 'vitest':
      return vitest(words, folder, wanted)
    case 'tap':
    case '@tapjs/run':
      return place('tap', ['--output-file=' + folder + '/reports/' + process.pid + '.tap'], words, wanted)
    case 'tape':
      return place('tape', [], words, wanted)
    case 'ava':
      return ava(words, { only, title })
    case 'uvu':
      return uvu(words, only)
    case 'borp':
      return borp(words, folder, only)
    case 'tsx':
      return node(words, folder, only, alone).words
  }
  return words
}

/** Node's own options end at the first word that is none; what follows belongs to the program. */
function node(words, folder, only, alone) {
  const sifted = sift('node', words)
  const end = sifted.findIndex(({ file }) => file !== undefined)
  const own = optionsOf(end < 0 ? sifted : sifted.slice(0, end))
  const rest = words.slice(own.length)
  const count = (name) => own.filter((word) => word === name || word.startsWith(name + '=')).length
  const testing = own.includes('--test')
  const reporters = count('--test-reporter')
  const added = ['--test-reporter=' + folder + '/node-test.mjs', '--test-reporter-destination=' + folder + '/discarded']
  if (reporters === 0) added.push('--test-reporter=spec')
  if (reporters <= 1 && count('--test-reporter-destination') === 0) added.push('--test-reporter-destination=stdout')
  if (testing && alone) added.push(BY_NAME.node + '=' + alone)
  return { testing, words: [...added, ...own, ...(testing && only ? only : rest)] }
}

module.exports = { rewrite, node }
`;
