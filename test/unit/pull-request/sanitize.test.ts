import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sanitizeMarkdown } from "../../../src/pull-request/sanitize.ts";

const clean = (text: string) => sanitizeMarkdown(text, 10_000);

describe("what GitHub would act on", () => {
  it.each([
    ["@octocat please", "`@octocat` please"],
    ["cc @org/team-a.", "cc `@org/team-a`."],
    ["Fixes #1, closes #2", "Fixes `#1`, closes `#2`"],
    ["Closes owner/repo#12 and GH-7", "Closes `owner/repo#12` and `GH-7`"],
    ["Resolves https://github.com/o/r/issues/3", "Resolves `https://github.com/o/r/issues/3`"],
    ["write to a.b@example.com", "write to `a.b@example.com`"],
    ["see www.example.com now", "see `www.example.com` now"],
    ["/merge", "`/merge`"],
    ["  /lgtm now", "`/lgtm` now"],
    ["@dependabot merge", "`@dependabot` merge"],
    ["![x](https://evil.example/p.png)", "!\\[x\\](`https://evil.example/p.png)`"],
    ["[click](https://evil.example)", "\\[click\\](`https://evil.example)`"],
    ["[a]: https://evil.example", "\\[a\\]: `https://evil.example`"],
    ["<img src=x onerror=1>", "&lt;img src=x onerror=1>"],
    ["a <!-- hidden --> b", "a &lt;!-- hidden --> b"],
    ["<https://evil.example>", "&lt;`https://evil.example`>"],
    ["&#64;octocat and &commat;octocat", "&`#64`;octocat and &amp;commat;octocat"],
    ["&#x40;octocat", "&amp;#x40;octocat"],
    ["\\@octocat \\#12 https\\://e.example", "`@octocat` `#12` `https://e.example`"],
    ["# Verified", "\\# Verified"],
    ["> ## Evidence", "> \\## Evidence"],
    ["title\n===", "title\n\\==="],
    ["| a | b |\n|---|---|", "\\| a \\| b \\|\n\\|---\\|---\\|"],
    ["$\\href{x}{y}$", "\\$\\\\href{x}{y}\\$"],
    ["> [!WARNING]", "> \\[!WARNING\\]"],
  ])("%j becomes %j", (text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  it("loses characters that nobody sees", () => {
    expect(clean("a\u200bb\u202ec\u0007d\u{e0041}e\ufefff")).toBe("abcdef");
    expect(clean("@\u200boctocat")).toBe("`@octocat`");
    expect(clean("👩\u200d💻 ok ❤️")).toBe("👩\u200d💻 ok ❤️");
  });
});

describe("what stays", () => {
  it("keeps emphasis, lists, quotes and code spans", () => {
    const text = "**Bold** and _it_\n\n- one `a[0]` and `@x`\n  1. two\n> said";
    expect(clean(text)).toBe(text);
  });

  it("keeps fenced code readable, written anew from the first column", () => {
    expect(clean("text\n  ~~~js extra\n<b> @x #1\n\n\n[y](z)\n  ~~~\nend")).toBe(
      "text\n```js\n<b> @x #1\n\n\n[y](z)\n```\nend",
    );
  });

  it("closes a fence that was left open, and outgrows backticks inside", () => {
    expect(clean("~~~\na\n```\n<b>")).toBe("````\na\n```\n<b>\n````");
  });

  it("takes the start of a command line in code away from bots", () => {
    expect(clean("```\n/merge\n@dependabot merge\n```")).toBe(
      "```\n /merge\n @dependabot merge\n```",
    );
  });

  it("does not let a stray backtick open code further down", () => {
    expect(clean("a ` b\n<img> ` c")).toBe("a ' b\n&lt;img> ' c");
    expect(clean("a \\` <b> `")).toBe("a ' &lt;b> '");
  });
});

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "@a",
        "#1",
        "`",
        "``",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "\\",
        "<",
        ">",
        "<!--",
        "-->",
        "[",
        "](",
        ")",
        "!",
        "&",
        "amp;",
        "#64;",
        "https://e.x",
        "www.x",
        "/cmd",
        " ",
        "    ",
        "- ",
        "1. ",
        "=",
        "--",
        "|",
        "$",
        "*",
        "_",
        "GH-1",
        "a",
        "\u200b",
        "\u202e",
        "\u200d",
        "❤",
        "\ufe0f",
        "\t",
        "\r",
        "\ud800",
        "a@b.c",
        "o/r#1",
      ),
      fc.string({ unit: "binary", maxLength: 6 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

/** Text outside of fences and code spans, as CommonMark pairs them line by line. */
function outsideOfCode(markdown: string): string {
  let fence = "";
  const lines: string[] = [];
  for (const line of markdown.split("\n")) {
    const mark = /^`{3,}(?=[^`]*$)/.exec(line)?.[0] ?? "";
    if (fence === "" && mark !== "") fence = mark;
    else if (fence !== "" && line === fence) fence = "";
    else if (fence === "") lines.push(line.replace(/(`+)(?:(?!`).)(?:.*?[^`])??\1(?!`)/g, "¤"));
  }
  return lines.join("\n");
}

describe("any text at all", () => {
  it("is the same after a second time", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 120 }), (text, maxLength) => {
        const once = sanitizeMarkdown(text, maxLength);
        expect(sanitizeMarkdown(once, maxLength)).toBe(once);
        expect(once.length).toBeLessThanOrEqual(maxLength);
      }),
      { numRuns: 3000 },
    );
  });

  it("has nothing active outside of code", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const open = outsideOfCode(clean(text));
        expect(open).not.toMatch(/@[\w/]|#\d|GH-\d|:\/\/|www\.|<|`|(?<!\\)\[|^\s*\/[a-z]/im);
        expect(open.replaceAll("\u200d", "")).not.toMatch(/\p{Cf}/u);
      }),
      { numRuns: 3000 },
    );
  });
});
