import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Discounted totals have fractions of a cent
Three items at 333 cents with a discount of 10 % give a total of 899.1. Totals must be whole cents: each line is to be
rounded half up, so 899 here, and two lines of 105 cents at 50 % (52.5 each) must give 106.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "cents-cart",
    version: "1.0.7",
    type: "module",
    main: "src/cart.js",
    scripts: { test: "NODE_ENV=test node --test" },
  }),
  "src/cart.js": `import { lineTotal } from "./line.js";

export class Cart {
  #lines = [];
  #discount = 0;

  add(name, price, quantity = 1) {
    if (quantity < 1) throw new RangeError("quantity must be at least 1");
    this.#lines.push({ name, price, quantity });
    return this;
  }

  discount(percent) {
    this.#discount = percent;
    return this;
  }

  total() {
    return this.#lines.reduce((sum, line) => sum + lineTotal(line, this.#discount), 0);
  }

  count() {
    return this.#lines.reduce((sum, line) => sum + line.quantity, 0);
  }
}
`,
  "src/line.js": `export function lineTotal({ price, quantity }, percent) {
  const full = price * quantity;
  return full - (full * percent) / 100;
}
`,
  "src/shipping.js": `export function shipping(total, free = 5000) {
  return total >= free ? 0 : 495;
}
`,
  "test/cart.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { Cart } from "../src/cart.js";

test("adds lines up", () => {
  const cart = new Cart().add("pen", 120, 2).add("ink", 899);
  assert.equal(cart.total(), 1139);
  assert.equal(cart.count(), 3);
});

test("takes the discount off", () => {
  assert.equal(new Cart().add("desk", 20000).discount(25).total(), 15000);
});

test("a discount of half a percent", () => {
  assert.equal(new Cart().add("desk", 20000).discount(0.5).total(), 19900);
});

test("an empty cart costs nothing", () => {
  assert.equal(new Cart().total(), 0);
});

test("refuses a quantity of nothing", () => {
  assert.throws(() => new Cart().add("pen", 120, 0), RangeError);
});
`,
  "test/shipping.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { shipping } from "../src/shipping.js";

test("shipping is free from the limit on", () => {
  assert.equal(shipping(5000), 0);
  assert.equal(shipping(4999), 495);
});
`,
};
