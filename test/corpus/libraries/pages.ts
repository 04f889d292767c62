import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `The last page is missing when it isn't full
paginate([1, 2, 3, 4, 5], { page: 3, size: 2 }) throws "no such page", and pages is 2. Five items at two per page are
three pages; the third holds [5].`;

/** For jest. */
export const BASE: Files = {
  "package.json": manifest({
    name: "page-slices",
    version: "2.2.0",
    main: "lib/paginate.js",
    scripts: { test: "jest" },
    jest: { testEnvironment: "node" },
  }),
  "lib/paginate.js": `"use strict";
const { pageCount } = require("./count.js");

function paginate(items, { page = 1, size = 10 } = {}) {
  const pages = pageCount(items.length, size);
  if (page < 1 || (page > pages && page !== 1)) {
    throw new RangeError("no such page");
  }
  return {
    page,
    pages,
    items: items.slice((page - 1) * size, page * size),
    more: page < pages,
  };
}

exports.paginate = paginate;
`,
  "lib/count.js": `"use strict";

function pageCount(total, size) {
  if (!Number.isInteger(size) || size < 1) throw new RangeError("size must be a positive integer");
  return Math.floor(total / size);
}

exports.pageCount = pageCount;
`,
  "lib/links.js": `"use strict";
const { pageCount } = require("./count.js");

function links(url, total, size) {
  return Array.from({ length: pageCount(total, size) }, (_, index) => url + "?page=" + (index + 1));
}

exports.links = links;
`,
  "test/paginate.test.js": `"use strict";
const { paginate } = require("../lib/paginate.js");

describe("paginate", () => {
  const items = [1, 2, 3, 4];

  it("gives the first page", () => {
    expect(paginate(items, { size: 2 })).toEqual({ page: 1, pages: 2, items: [1, 2], more: true });
  });

  it("gives the last page", () => {
    expect(paginate(items, { page: 2, size: 2 })).toEqual({ page: 2, pages: 2, items: [3, 4], more: false });
  });

  it("refuses pages that do not exist", () => {
    expect(() => paginate(items, { page: 3, size: 2 })).toThrow("no such page");
    expect(() => paginate(items, { page: 0, size: 2 })).toThrow("no such page");
  });
});
`,
  "test/links.test.js": `"use strict";
const { links } = require("../lib/links.js");

it("links every page", () => {
  expect(links("/list", 20, 10)).toEqual(["/list?page=1", "/list?page=2"]);
});

it("refuses a size of nothing", () => {
  expect(() => links("/list", 20, 0)).toThrow(RangeError);
});
`,
};
