import { describe, expect, it } from "vitest";
import { readJunit } from "../../../../src/check/reports/read-junit.ts";
import { resultsOf } from "../../../../src/check/reports/reported-test.ts";
import { formatKey } from "../../../../src/check/suite.ts";

const brief = (xml: string) =>
  resultsOf(readJunit(xml).tests, "/workspace").map(
    ({ key, status, failure }) =>
      `${status} ${formatKey(key)}${failure ? ` ${failure.reason}` : ""}`,
  );

const PYTEST = `<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="1" tests="5">
<testcase classname="tests.test_add" name="test_add[1-2]" time="0.001"><failure message="AssertionError: assert 1 == 2&#10; +  where 1 = add(1)">def test_add
&gt; assert
tests/test_add.py:4: AssertionError</failure></testcase>
<testcase classname="tests.test_add" name="test_add[1-2]" time="0.001" />
<testcase classname="tests.test_add.TestMore" name="test_more"><failure message="TypeError: no">tests/test_add.py:9: TypeError</failure></testcase>
<testcase classname="" name="tests.test_broken"><error message="collection failure">ImportError while importing</error></testcase>
<testcase classname="tests.test_add" name="test_later"><skipped type="pytest.skip" message="later">x</skipped></testcase>
</testsuite></testsuites>`;

describe("readJunit", () => {
  it("reads what each test did, equal names told apart", () => {
    expect(brief(PYTEST)).toEqual([
      "fail tests.test_add > test_add[1-2] assertion",
      "pass tests.test_add > test_add[1-2] #2",
      "fail tests.test_add.TestMore > test_more unknown",
      "fail tests.test_broken unknown",
      "skip tests.test_add > test_later",
    ]);
    expect(readJunit(PYTEST)).toMatchObject({ whole: true });
  });

  it("takes the file from the test or the nearest suite around it", () => {
    const xml = `<testsuites><testsuite name="a" file="/workspace/spec/a.rb"><testsuite name="b">
      <testcase name="one" classname="test"/><testcase name="two" file="./spec/b.rb" classname="B"/>
      </testsuite></testsuite></testsuites>`;
    expect(brief(xml)).toEqual(["pass spec/a.rb > one", "pass spec/b.rb > B > two"]);
    expect(readJunit(xml).tests[0]).toMatchObject({ className: "test", suites: ["a", "b"] });
  });

  it("knows the ways in which tools say that a test did not run", () => {
    const xml = `<testsuite><testcase name="a"><skipped/></testcase><testcase name="b" status="notrun"/>
      <testcase name="c" result="skipped"/><testcase name="d" status="run" result="completed"/></testsuite>`;
    expect(brief(xml)).toEqual(["skip a", "skip b", "skip c", "pass d"]);
  });

  it("counts the first failure of a test, not what a retry said", () => {
    const xml = `<testsuite><testcase name="a"><flakyFailure type="x">no</flakyFailure></testcase>
      <testcase name="b"><failure type="java.lang.AssertionError" message="first"/><failure message="second"/></testcase></testsuite>`;
    expect(brief(xml)).toEqual(["pass a", "fail b assertion"]);
    expect(readJunit(xml).tests[1]?.error?.message).toBe("first");
  });

  it("tells a failed comparison from an error that was thrown", () => {
    const failure = (type: string, tag = "failure") =>
      readJunit(
        `<testsuite><testcase name="a"><${tag} type="${type}" message="m"/></testcase></testsuite>`,
      ).tests[0]?.error;
    expect(failure("org.opentest4j.AssertionFailedError")?.assertion).toBe(true);
    expect(failure("RSpec::Expectations::ExpectationNotMetError")?.assertion).toBe(true);
    expect(failure("PHPUnit\\Framework\\ExpectationFailedException")?.assertion).toBe(true);
    expect(failure("")?.assertion).toBe(true);
    expect(failure("", "error")?.assertion).toBe(false);
    expect(failure("java.lang.NullPointerException")).toMatchObject({
      assertion: false,
      name: "NullPointerException",
    });
    expect(failure("org.junit.TestTimedOutException")?.timeout).toBe(true);
  });

  it("keeps what came before the end of a file that is cut off, and says so", () => {
    const report = readJunit(PYTEST.slice(0, PYTEST.indexOf("test_more")));
    expect(report.tests).toHaveLength(2);
    expect(report.whole).toBe(false);
  });

  it.each([
    ["nothing", ""],
    ["no XML", "ok 1 - fine"],
    ["another kind of file", "<coverage><testcase name='a'/></coverage>"],
    ["two roots", "<testsuite/><testsuite/>"],
    ["an end that has no start", "<testsuite></testcase></testsuite>"],
    ["a DTD", "<!DOCTYPE t [<!ENTITY a 'b'>]><testsuite><testcase name='&a;'/></testsuite>"],
    ["an entity that isn't XML's", "<testsuite><testcase name='&mine;'/></testsuite>"],
    ["endless depth", "<testsuite>".repeat(100_000)],
  ])("believes no %s", (_, xml) => {
    expect(readJunit(xml)).toEqual({ tests: [], whole: false });
  });

  it("keeps little of a failure without an end", () => {
    const xml = `<testsuite><testcase name="a"><failure>${"x".repeat(5e6)}<![CDATA[${"y".repeat(5e6)}]]></failure></testcase></testsuite>`;
    expect(readJunit(xml).tests[0]?.error?.stack).toHaveLength(16_000);
    expect(readJunit(xml).whole).toBe(true);
  });
});
