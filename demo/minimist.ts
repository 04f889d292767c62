import type { PublishedPackage } from "./package-repository.ts";

/** A real, published bug: prototype pollution through `constructor`, CVE-2021-44906, in a package everybody uses. */
export const MINIMIST: PublishedPackage = {
  spec: "minimist@1.2.5",
  scripts: { test: "tape 'test/*.js'" },
  devDependencies: { tape: "5.10.2" },
};

/** As somebody outside of the project would report it. */
export const ISSUE = {
  title: "Arguments can still reach a shared prototype through `constructor`",
  body: `\`__proto__\` in an option's name is refused since the last release, but a path over \`constructor\` is not. Whoever controls the arguments of a program can add properties to every function in it:

\`\`\`js
const parse = require('minimist')
parse(['--_.concat.constructor.prototype.y', '123'])
console.log((function () {}).y) // 123, expected: undefined
\`\`\`

The same with \`--_.constructor.constructor.prototype.foo bar\`. I expect that parsing changes nothing but the object it returns. Dotted options (\`--a.b.c 1\`) must keep working.`,
};

const TEST = `var parse = require('../');
var test = require('tape');

test('proto pollution (function constructor)', function (t) {
    var argv = parse(['--_.concat.constructor.prototype.y', '123']);
    t.equal((function () {}).y, undefined);
    t.equal(argv.y, undefined);
    t.end();
});

test('proto pollution (constructor of a constructor)', function (t) {
    var argv = parse(['--_.constructor.constructor.prototype.foo', 'bar']);
    t.equal((function () {}).foo, undefined);
    t.equal(argv.foo, undefined);
    t.end();
});

test('dotted options and the word constructor still work', function (t) {
    t.deepEqual(parse(['--a.b.c', '1']).a, { b: { c: 1 } });
    t.equal(parse(['--constructors', 'many']).constructors, 'many');
    t.end();
});
`;

const GUARD = "if (key === 'constructor' && typeof o[key] === 'function') return;";

/** What the scripted model does, turn by turn: honest work on the real files, with the real tools. */
export const SCRIPT = [
  {
    text: "I look at how options become properties.",
    calls: [
      { tool: "shell", input: { command: "ls && grep -n '__proto__' -r index.js test" } },
      { tool: "read_file", input: { path: "index.js", offset: 60, limit: 40 } },
    ],
  },
  {
    text: "Only `__proto__` is refused. First a test that shows the problem.",
    calls: [
      { tool: "write_file", input: { path: "test/constructor.js", content: TEST } },
      { tool: "run_tests", input: { files: ["test/constructor.js"] } },
    ],
  },
  {
    text: "It fails as reported. Now the cause: walking over an inherited constructor.",
    calls: [
      {
        tool: "edit_file",
        input: {
          path: "index.js",
          edits: [
            {
              old_string: "            if (o[key] === undefined) o[key] = {};",
              new_string: `            ${GUARD}\n            if (o[key] === undefined) o[key] = {};`,
            },
            {
              old_string: "        if (o === Array.prototype) o = [];",
              new_string: `        ${GUARD}\n        if (o === Array.prototype) o = [];`,
            },
          ],
        },
      },
      { tool: "run_tests", input: { scope: "full" } },
    ],
  },
  {
    text: "All tests pass.",
    calls: [
      {
        tool: "submit",
        input: {
          root_cause:
            "setKey walks over any key but __proto__, so a path over an inherited constructor reaches Function.prototype, which every function shares.",
          summary:
            "An option's path stops at a constructor that is a function, as it does at __proto__. Own properties of that name still work.",
          reproduction_tests: ["test/constructor.js"],
          risks: "Options whose path goes on behind an inherited constructor are now ignored.",
        },
      },
    ],
  },
] as const;
