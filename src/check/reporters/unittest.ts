/**
 * `python/dunlin_unittest.py`: stands between each test of unittest and the result object that it reports to, so that
 * whatever runner and result class a project has, what the tests did is seen. A test with subTests is one test.
 */
export const unittestProgram = String.raw`import os
import re
import sys

import dunlin_record as record

_state = {"depth": 0, "claimed": False, "suites": 0}


def _file_of(test):
    doctest = getattr(test, "_dt_test", None)
    if doctest is not None and doctest.filename:
        return doctest.filename
    return _module_file(type(test).__module__)


def _module_file(name):
    module = sys.modules.get(name)
    path = getattr(module, "__file__", None)
    if path:
        return os.path.realpath(path)
    for folder in ["", *sys.path]:
        path = os.path.realpath(os.path.join(folder, *name.split("."))) + ".py"
        if os.path.isfile(path):
            return path
    return ""


def _error(error):
    kind, value, trace = error
    frames = []
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    own = [path for path in frames if "/unittest/" not in path]
    return record.describe_exception(kind, value, own)


def _load_error(test):
    text = str(getattr(test, "_exception", ""))
    found = re.findall(r"^(?:\w+\.)*(\w*(?:Error|Exception)): ?(.*)$", text, re.M)
    name, message = found[-1] if found else ("", text[:200])
    syntax = name in ("SyntaxError", "IndentationError", "TabError")
    return record.describe(name, message, "syntax" if syntax else "import")


def _is_sub_test(test):
    """By its class: a project's own test may be called test_case."""
    return type(test).__name__ == "_SubTest" and hasattr(test, "test_case")


def _add(test, status, error=None):
    test = test.test_case if _is_sub_test(test) else test
    if type(test).__name__ in ("_FailedTest", "ModuleImportFailure", "LoadTestsFailure"):
        name = getattr(test, "_testMethodName", "")
        record.result(test.id(), _module_file(name), [], status, _load_error(test))
        return
    method = getattr(test, "_testMethodName", None) or str(test)
    names = [type(test).__qualname__, method]
    record.result(test.id(), _file_of(test), names, status, error)


class _Between:
    """Passes everything on, and records what is said about a test on the way."""

    def __init__(self, result):
        object.__setattr__(self, "_dunlin", result)

    def __getattr__(self, name):
        return getattr(self._dunlin, name)

    def __setattr__(self, name, value):
        setattr(self._dunlin, name, value)

    def addSuccess(self, test):
        _add(test, "pass")
        return self._dunlin.addSuccess(test)

    def addFailure(self, test, err):
        _add(test, "fail", _error(err))
        return self._dunlin.addFailure(test, err)

    def addError(self, test, err):
        _add(test, "fail", _error(err))
        return self._dunlin.addError(test, err)

    def addSkip(self, test, reason):
        if not _is_sub_test(test):  # of a subTest: the others count
            _add(test, "skip")
        return self._dunlin.addSkip(test, reason)

    def addExpectedFailure(self, test, err):
        _add(test, "skip")
        return self._dunlin.addExpectedFailure(test, err)

    def addUnexpectedSuccess(self, test):
        _add(test, "fail", record.describe("", "The test is expected to fail, and passed.", "unknown"))
        return self._dunlin.addUnexpectedSuccess(test)


class _BetweenSubTests(_Between):
    def addSubTest(self, test, subtest, err):
        if err is not None:
            _add(test, "fail", _error(err))
        return self._dunlin.addSubTest(test, subtest, err)


def _is_foreign():
    """Another runner has the tests, or this is a program that a test started."""
    return not _state["claimed"] and "DUNLIN_REPORTER" in os.environ


def watch(unittest):
    run = unittest.TestCase.run
    add_exception = unittest.TestSuite._addClassOrModuleLevelException
    match_path = unittest.TestLoader._match_path

    run_suite = unittest.TestSuite.run

    def watched_run_suite(self, *arguments, **options):
        _state["suites"] += 1
        try:
            returned = run_suite(self, *arguments, **options)
        finally:
            _state["suites"] -= 1
        if _state["suites"] == 0 and _state["depth"] == 0 and _state["claimed"]:
            record.end()
        return returned

    def watched_run(self, result=None):
        if result is None or _state["depth"] > 0 or isinstance(result, _Between) or _is_foreign():
            return run(self, result)
        if not _state["claimed"]:
            _state["claimed"] = True
            record.claim("unittest")
        file = _file_of(self)
        if record.ONLY is not None and os.path.isfile(file) and file not in record.ONLY and file.startswith(record.ROOT):
            return result
        between = _BetweenSubTests if hasattr(result, "addSubTest") else _Between
        _state["depth"] += 1
        try:
            returned = run(self, between(result))
        finally:
            _state["depth"] -= 1
        if _state["suites"] == 0 and _state["depth"] == 0:
            record.end()
        return result if isinstance(returned, _Between) else returned

    def watched_add_exception(self, result, exception, error_name, *more):
        if _state["depth"] == 0 and not _is_foreign():
            module = re.search(r"\(([\w.]+)\)", error_name)
            name = module.group(1) if module else ""
            while name and name not in sys.modules:
                name = name.rpartition(".")[0]
            skipped = isinstance(exception, unittest.SkipTest)
            error = record.describe_exception(type(exception), exception, _frames(exception))
            record.result(error_name, _module_file(name), [error_name], "skip" if skipped else "fail", error)
        return add_exception(self, result, exception, error_name, *more)

    def watched_match_path(self, path, full_path, pattern):
        unwanted = record.ONLY is not None and os.path.realpath(full_path) not in record.ONLY
        return not unwanted and match_path(self, path, full_path, pattern)

    unittest.TestSuite.run = watched_run_suite
    unittest.TestCase.run = watched_run
    unittest.TestSuite._addClassOrModuleLevelException = watched_add_exception
    unittest.TestLoader._match_path = watched_match_path


def _frames(exception):
    trace, frames = exception.__traceback__, []
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return frames
`;
