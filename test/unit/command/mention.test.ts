import { describe, expect, it } from "vitest";
import { parseMention } from "../../../src/command/mention.ts";

const at = "@dunlin";
const read = (comment: string) => parseMention(comment, at);

describe("parseMention", () => {
  it.each([
    ["@dunlin help", { verb: "help" }],
    ["@dunlin", { verb: "help" }],
    ["@dunlin!\n", { verb: "help" }],
    ["cc @dunlin", { verb: "help" }],
    ["@dunlin stop", { verb: "stop" }],
    ["@dunlin: Stop!", { verb: "stop" }],
    ["@dunlin please stop it now", { verb: "stop" }],
    ["@dunlin cancel the run\n\nI'll do it by hand.", { verb: "stop" }],
    ["@dunlin fix", { verb: "start" }],
    ["@dunlin, fix this please.", { verb: "start" }],
    ["@dunlin retry", { verb: "start" }],
    ["@DunLin[bot] fix it", { verb: "start" }],
    ["@dunlin verify", { verb: "verify" }],
    ["@dunlin please verify this again.", { verb: "verify" }],
    ["@dunlin Verify the pull request\n\nI think that it is done.", { verb: "verify" }],
    ["@dunlin accept-test-change", { verb: "accept", findings: [] }],
    ["@dunlin accept-test-change 0A1b2c3d.", { verb: "accept", findings: ["0a1b2c3d"] }],
    [
      "@dunlin: accept-test-change `0a1b2c3d`, **ffff0000**\nThe old value was wrong.",
      { verb: "accept", findings: ["0a1b2c3d", "ffff0000"] },
    ],
    ["@dunlin accept-test-change all of it", { verb: "accept", findings: ["all", "of", "it"] }],
    ["@dunlin accept-test-changes", { verb: "unknown", word: "accept-test-changes" }],
    ["@dunlin approve", { verb: "unknown", word: "approve" }],
    ["@dunlin /merge", { verb: "unknown", word: "/merge" }],
    ["@dunlin deploy!", { verb: "unknown", word: "deploy" }],
  ])("reads %j as a command", (comment, expected) => {
    expect(read(comment)).toEqual(expected);
  });

  it.each([
    ["@dunlin use a Map instead", "use a Map instead"],
    ["Looks wrong to me. @dunlin keep the old name.", "keep the old name."],
    ["(@dunlin) try the other branch", "try the other branch"],
    ["**@dunlin** try the other branch", "try the other branch"],
    ["@dunlin stop using lodash", "stop using lodash"],
    ["@dunlin verify that the cache works", "verify that the cache works"],
    ["@dunlin help me to fix the parser", "help me to fix the parser"],
    ["@dunlin fix only the second case", "fix only the second case"],
    ["@dunlin 修复这个错误", "修复这个错误"],
    ["@dunlin as in:\n```js\nfix()\n```", "as in:\n```js\nfix()\n```"],
    ["@dunlin he is right:\n> use a Map", "he is right:\n> use a Map"],
    ["> quoted\n\n@dunlin use a Map", "use a Map"],
    ["`@dunlin stop` is not what I mean: @dunlin use a Map", "use a Map"],
    ["- @dunlin use a Map", "use a Map"],
    ["@dun\u200blin use a Map", "use a Map"],
    ["A tick ` alone, @dunlin use a Map", "use a Map"],
    ["```\n@dunlin stop\n```\n@dunlin use a Map", "use a Map"],
  ])("reads %j as an instruction", (comment, instruction) => {
    expect(read(comment)).toEqual({ verb: "start", instruction });
  });

  it.each([
    "no mention",
    "",
    "> @dunlin fix",
    "  > > @dunlin fix",
    "> somebody said\n@dunlin fix as a lazy continuation",
    "```\n@dunlin fix\n```",
    "```js\n@dunlin fix",
    "~~~\n@dunlin fix\n```\n@dunlin fix\n~~~",
    "````\n```\n@dunlin fix\n```\n````",
    "- ```\n  @dunlin fix\n  ```",
    "    @dunlin fix",
    "\t@dunlin fix",
    "`@dunlin fix`",
    "``code ` @dunlin fix``",
    "`code over\n@dunlin fix\nlines`",
    "<!-- @dunlin fix -->",
    "<!--\n@dunlin fix\n-->",
    "<!-- @dunlin fix",
    "<code>@dunlin fix</code>",
    "<pre>\n@dunlin fix\n</pre>",
    "<blockquote>@dunlin fix</blockquote>",
    "<details><summary>x</summary>@dunlin fix</details>",
    "![@dunlin fix](https://code.test/x.png)",
    '<img alt="@dunlin fix" src="x.png">',
    "mail me@dunlin.example",
    "me@dunlin fix",
    "@dunlin.example fix",
    "@dunlin-team fix",
    "@dunlin_acme fix",
    "@dunlins fix",
    "@dunlin2 fix",
    "@dunlinß fix",
    "@dunlin/maintainers fix",
    "@dunlin@code.test fix",
    "@@dunlin fix",
    "\\@dunlin fix",
    "https://code.test/@dunlin fix",
    "@dun fix",
    "@dunlin[evil] fix",
  ])("sees no mention in %j", (comment) => {
    expect(read(comment)).toBeUndefined();
  });

  it("takes the name of the App literally", () => {
    expect(parseMention("@axb fix", "@a.b")).toBeUndefined();
    expect(parseMention("@a.b fix", "@a.b")).toEqual({ verb: "start" });
  });
});
