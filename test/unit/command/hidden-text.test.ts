import { describe, expect, it } from "vitest";
import { stripHidden } from "../../../src/command/hidden-text.ts";

const EVIL = "EVIL";
const tagged = [...EVIL].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join("");
const selectors = [...EVIL].map((c) => String.fromCodePoint(0xe0100 + c.charCodeAt(0))).join("");

describe("stripHidden keeps what a reader sees", () => {
  it.each([
    ["plain text, 1 < 2 > 0 and a <3", undefined],
    ["for (i=0; i<n; i++) fails", undefined],
    ["**bold** _it_ [docs](https://code.test/a_(b)) - [ ] todo", undefined],
    ["家族 👨‍👩‍👧‍👦 ❤️ 1️⃣ 👩🏽‍💻 日本語 한국어 العربية", undefined],
    ["می‌خواهم क्‍ष", undefined],
    ["naïve café\ttab", undefined],
    ["one\r\ntwo\rthree", "one\ntwo\nthree"],
    ["```html\n<!-- shown --><div hidden>&#8203;</div>\n\n![x](y)\n```", undefined],
    ["Use `Array<string>` and `<!-- x -->`.", undefined],
    ["a\n\n~~~\n<b>\n~~~\n\n`<details>`", undefined],
    ["<b>bold</b> and H<sub>2</sub>O", "bold and H2O"],
    ["one<br>two", "one\ntwo"],
    ["<https://code.test/x> <me@code.test>", "https://code.test/x me@code.test"],
    ["[WARN]: it did not work\nnext", undefined],
    ["see[^1]\n\n[^1]: the note", undefined],
    ["&lt;div&gt; &amp; &#65;", undefined],
    ["<details open>\nlog\n</details>", "log"],
  ])("in %j", (markdown, expected = markdown) => {
    expect(stripHidden(markdown)).toBe(expected);
  });

  it("says what it left out where a reader sees that there is something", () => {
    const markdown = "a\n<details><summary>The log</summary>\n\n```\nEVIL\n```\n</details>\nb";
    expect(stripHidden(markdown)).toBe("a\nThe log [collapsed section left out]\nb");
    expect(stripHidden('x ![EVIL](y "EVIL") <img alt="EVIL">')).toBe("x [image] [image]");
  });
});

describe("stripHidden removes", () => {
  it.each([
    ["a comment", "a<!-- EVIL -->b"],
    ["a comment over paragraphs", "a\n<!--\nEVIL\n\nEVIL\n-->\nb"],
    ["an open comment", "a b\n<!-- EVIL"],
    ["a comment that a zero-width character splits", "a<!-\u200b- EVIL -->b"],
    ["a comment with a fence inside", "ab\n\n<!--\n```\nEVIL\n```\n-->"],
    ["a comment that a false fence would turn into code", "a <b\n```\n\n```\n<!-- EVIL -->\n```"],
    ["a comment behind a fence in a list", "- ```\n  x\n  ```\n\n<!-- EVIL -->\n\n```\nab\n```"],
    ["a comment behind a fence that its list ended", "- a\n\n  ```\n  x\n\nb <!-- EVIL -->"],
    ["a comment in an HTML block that looks like a span", "ab\n\n<div>\n`<!-- EVIL -->`\n</div>"],
    ["a comment in an HTML block that looks like a fence", "ab\n\n<p>\n```\n<!-- EVIL -->\n```"],
    ["a comment between halves of spans", "`a\nb ` <!-- EVIL --> `c`"],
    ["a comment between escaped ticks", "a \\` <!-- EVIL --> \\` b"],
    ["a comment between ticks in attributes", 'a<i title="`"> <!-- EVIL --> <i title="`">b'],
    ["a comment between ticks in cells", "|a|b|\n|-|-|\n| ` | <!-- EVIL --> ` |"],
    ["a comment after an attribute over lines", 'ab <i title="\n`"> <!-- EVIL --> `'],
    ["the rest of a fence's first line", "```js EVIL\nab\n```"],
    ["a hidden element", "a<span hidden>EVIL <span>x</span> EVIL</span>b"],
    ["a white element", "a<font color='#FFFFFF'>EVIL</font>b"],
    ["an invisible element", 'a<p style="display : none">EVIL</p>b'],
    ["a collapsed section", "ab<details>EVIL<details>x</details>EVIL</details>"],
    ["a section that pretends to be open", 'ab<details title=" open ">EVIL</details>'],
    ["an element that is never shown", "a<script>EVIL</script><style>EVIL</style>b"],
    ["attributes", '<a title="EVIL" data-x="EVIL">a</a>b'],
    ["words in a tag", "a<ignore EVIL and run>b"],
    ["words in a tag that never ends", "ab\n\n<div EVIL and run"],
    ["declarations", "a<!DOCTYPE EVIL><?EVIL?><![CDATA[EVIL]]>b"],
    ["an alternative text with brackets", "ab ![x [y] EVIL](z)"],
    ["the title of a link", "[ab](https://code.test 'EVIL')"],
    ["a link without text", "ab[](EVIL)"],
    ["a definition", "ab\n\n[//]: # (EVIL)"],
    ["a definition with a title on its own line", 'ab\n\n[x]: y\n"EVIL\nEVIL"'],
    ["a note that nothing refers to", "ab\n\n[^x]: EVIL\nEVIL"],
    ["tag characters", `ab${tagged}`],
    ["variation selectors", `a😀${selectors}b`],
    [
      "zero-width, bidirectional and filler characters",
      "a\u200b\u200d\u2060\u202e\u2066\u3164\u00ad\ufeffb",
    ],
    ["control characters", "a\u0000\u0007\u001b[31m\u009bb"],
    ["private use", "a\ue000\u{f0000}b"],
    ["entities of hidden characters", "a&#8203;&#x202E;&zwnj;&shy;&#917577;b"],
  ])("%s", (_, markdown) => {
    const text = stripHidden(markdown);
    expect(text).not.toMatch(/EVIL|(?!\n)[\p{Cc}\p{Cf}\p{Co}]|&[#zs]/u);
    expect(text).toMatch(/a[\s\S]*b/);
  });

  it("a long hostile text without slowing down to a crawl", () => {
    const pieces = [
      "<a ",
      '<a "',
      "<!",
      "![",
      "[a]: b (",
      "`",
      "[^a]:\n",
      "<details>",
      "](a '",
      "&#",
    ];
    for (const piece of pieces) {
      expect(stripHidden(piece.repeat(65_536 / piece.length)).length).toBeLessThan(70_000);
    }
  });
});
