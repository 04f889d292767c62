import { expect, it } from "vitest";
import { diagnosticsOf } from "../../../src/check/diagnostics.ts";

const of = (output: string) => diagnosticsOf(output, "/workspace");

it.each<[string, string, readonly string[]]>([
  [
    "tsc",
    "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.\n  more\n",
    ["src/a.ts: error TS2322: Type 'string' is not assignable to type 'number'."],
  ],
  [
    "tsc for people",
    "src/a.ts:3:5 - error TS2322: Type 'string'.\n\n3 const a: number = '';\n        ~\n",
    ["src/a.ts: error TS2322: Type 'string'."],
  ],
  [
    "eslint",
    "\n/workspace/src/a.js\n  1:7   error    'a' is never used  no-unused-vars\n  22:1  warning  Unexpected alert   no-alert\n\n/workspace/b.js\n  1:1  error  x\n\n✖ 3 problems (2 errors, 1 warning)\n",
    [
      "src/a.js: error 'a' is never used no-unused-vars",
      "src/a.js: warning Unexpected alert no-alert",
      "b.js: error x",
    ],
  ],
  [
    "biome",
    "src/a.ts:57:16 lint/style/useConst  FIXABLE  ━━━━━━━━━━\n\n  × This let declares a variable.\n  \n    55 │ }\n\nFound 1 error.\n",
    ["src/a.ts: lint/style/useConst This let declares a variable."],
  ],
  [
    "ruff",
    "a.py:1:8: F401 [*] `os` imported but unused\nFound 1 error.\n",
    ["a.py: F401 [*] `os` imported but unused"],
  ],
  [
    "ruff in full",
    "F401 [*] `os` imported but unused\n --> pkg/a.py:1:8\n  |\n",
    ["pkg/a.py: F401 [*] `os` imported but unused"],
  ],
  [
    "go vet",
    "# example.com/a\nvet: ./a.go:7:2: x declared and not used\n",
    ["a.go: x declared and not used"],
  ],
  [
    "mypy",
    "a.py:3: error: Incompatible types  [assignment]\n",
    ["a.py: error: Incompatible types [assignment]"],
  ],
  [
    "rustc",
    "error[E0308]: mismatched types\n  --> src/main.rs:2:5\n",
    ["src/main.rs: error[E0308]: mismatched types"],
  ],
  ["prose", "Everything is fine.\nDone in 3.2s\nhttp://localhost:3000: up\n", []],
])("reads %s without the place", (_, output, expected) => {
  expect(of(output)).toEqual(expected);
});

it("is not slowed down by output that was made to be", () => {
  const output = `${"a/".repeat(900)}\n${"a.".repeat(900)}\n`.repeat(200);
  expect(of(output)).toEqual([]);
  expect(of("a.ts(1,1): error\n".repeat(5000))).toHaveLength(2000);
});
