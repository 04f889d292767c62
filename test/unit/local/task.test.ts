import { expect, it } from "vitest";
import { splitTask } from "../../../src/local/task.ts";

it.each([
  ["add subtracts", { title: "add subtracts", body: "" }],
  ["# add subtracts\n\nIt gives -1.\n", { title: "add subtracts", body: "It gives -1." }],
  [
    "\n\nadd subtracts\nSee:\n    add(1, 2)\n",
    { title: "add subtracts", body: "See:\n    add(1, 2)" },
  ],
])("the first line of %j is the title", (task, split) => {
  expect(splitTask(task)).toEqual(split);
});

it("nothing of a long first line is lost", () => {
  const task = `${"word ".repeat(40)}end\nand more`;
  const { title, body } = splitTask(task);
  expect(title).toMatch(/^word .*…$/);
  expect(title.length).toBeLessThanOrEqual(120);
  expect(body).toBe(task);
});
