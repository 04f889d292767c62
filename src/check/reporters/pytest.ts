/**
 * `python/dunlin_pytest.py`, a plugin of pytest (4 to 9): every test by the worst of its phases, and files that can't be
 * collected. It judges by what was raised, not by what a report was made to say.
 */
export const pytestProgram = String.raw`import os
import re

import pytest

import dunlin_record as record

_NEW_PATHS = int(pytest.__version__.split(".")[0]) >= 7
_state = {"config": None, "begun": False}


def pytest_configure(config):
    if _state["config"] is not None:
        return  # one that a test runs in the same process
    _state["config"] = config
    record.claim("pytest")
    config.option.maxfail = 0
    config.option.continue_on_collection_errors = True


def pytest_sessionfinish(session):
    if _is_ours(session.config):
        record.end()


def _is_ours(config):
    return config is _state["config"] and not hasattr(config, "workerinput")


def _root():
    config = _state["config"]
    return str(getattr(config, "rootpath", None) or config.rootdir)


def _file_of(item):
    return str(getattr(item, "path", None) or getattr(item, "fspath", ""))


def _parts(nodeid):
    path, _, rest = nodeid.partition("::")
    name, bracket, parameters = rest.partition("[")
    names = [part for part in name.split("::") if part not in ("", "()")] if rest else []
    if names:
        names[-1] += bracket + parameters
    return os.path.join(_root(), path), names


def _error(excinfo):
    frames = [str(entry.path) for entry in excinfo.traceback]
    return record.describe_exception(excinfo.type, excinfo.value, frames)


def _error_in(text):
    found = re.findall(r"^E?\s*(?:\w+\.)*(\w*(?:Error|Exception|Failed)): ?(.*)$", text, re.M)
    name, message = found[-1] if found else ("", text.strip().splitlines()[-1] if text.strip() else "")
    bases = {name, "ImportError"} if name == "ModuleNotFoundError" else {name}
    if name in ("IndentationError", "TabError"):
        bases.add("SyntaxError")
    return record.describe(name, message, record.reason_of(bases, message, []))


def _status(call, report):
    """What the report says counts only where it may say something else than what was raised."""
    if call.excinfo is None:
        if report.outcome == "failed":
            return "fail"  # a strict xfail that passes
        return "skip" if report.outcome == "skipped" or hasattr(report, "wasxfail") else "pass"
    if call.excinfo.errisinstance(pytest.skip.Exception) or hasattr(report, "wasxfail"):
        return "skip"
    return "fail"


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    excinfo = call.excinfo
    outcome = yield
    if not _is_ours(item.config):
        return
    call.excinfo = excinfo
    status = _status(call, outcome.get_result())
    if call.when != "call" and status == "pass":
        return
    _, names = _parts(item.nodeid)
    error = _error(excinfo) if excinfo is not None else record.describe("", str(outcome.get_result().longrepr), "unknown")
    record.result(item.nodeid, _file_of(item), names, status, error)


def pytest_runtest_logreport(report):
    """What other processes ran, a worker that crashed, and parts of a test that are reported by themselves."""
    if _state["config"] is None or not _is_ours(_state["config"]) or report.outcome == "rerun":
        return
    if report.when in ("setup", "teardown") and report.outcome == "passed":
        return
    status = {"passed": "pass", "failed": "fail"}.get(report.outcome, "skip")
    if status == "pass" and hasattr(report, "wasxfail"):
        status = "skip"
    file, names = _parts(report.nodeid)
    error = None
    if status == "fail":
        text = str(getattr(report, "longreprtext", "") or report.longrepr or "")
        error = _error_in(text)
        crash = getattr(report.longrepr, "reprcrash", None)
        if crash is not None and error["reason"] == "unknown" and record.is_own(str(crash.path)):
            error["reason"] = "exception"
    record.result(report.nodeid, file, names, status, error)


def pytest_collectreport(report):
    if _state["config"] is None or not _is_ours(_state["config"]) or report.outcome == "passed":
        return
    file, names = _parts(report.nodeid)
    status = "fail" if report.outcome == "failed" else "skip"
    record.result("collect " + report.nodeid, file, names, status, _error_in(str(report.longrepr or "")))


def _is_unwanted(path):
    return record.ONLY is not None and os.path.isfile(path) and os.path.realpath(path) not in record.ONLY


if _NEW_PATHS:

    def pytest_ignore_collect(collection_path, config):
        path = str(collection_path)
        return True if _is_ours(config) and path.endswith(".py") and _is_unwanted(path) else None

else:

    def pytest_ignore_collect(path, config):
        return True if _is_ours(config) and str(path).endswith(".py") and _is_unwanted(str(path)) else None


def pytest_collection_modifyitems(config, items):
    if not _is_ours(config) or record.ONLY is None:
        return
    unwanted = [item for item in items if _is_unwanted(_file_of(item))]
    if unwanted:
        items[:] = [item for item in items if item not in set(unwanted)]
        config.hook.pytest_deselected(items=unwanted)
`;
