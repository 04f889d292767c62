/**
 * `python/sitecustomize.py`, which every Python that the test command starts loads first: waits for pytest or unittest to be
 * imported and watches them. Below a runner it does nothing: tests start their own programs. Another one of that name, as
 * Debian has, is loaded after it.
 */
export const siteProgram = `import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _patch_pytest(module):
    get_config = module.get_config

    def watched(*arguments, **options):
        import dunlin_pytest  # not before pytest is whole

        config = get_config(*arguments, **options)
        config.pluginmanager.register(dunlin_pytest, "dunlin")
        return config

    module.get_config = watched


def _patch_unittest(module):
    import dunlin_unittest

    dunlin_unittest.watch(module)


_PATCHES = {"_pytest.config": _patch_pytest, "unittest": _patch_unittest}


class _Finder:
    """Finds nothing itself: what is found gets a loader that patches once it has loaded."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in _PATCHES:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not _Finder else None
            if spec is not None and hasattr(spec.loader, "exec_module"):
                execute = spec.loader.exec_module

                def exec_module(module):
                    execute(module)
                    patch = _PATCHES.pop(name, None)
                    if patch is not None:
                        patch(module)

                spec.loader.exec_module = exec_module
                return spec
        return None


def _load_next():
    import importlib.machinery
    import importlib.util

    others = [path for path in sys.path if os.path.abspath(path or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if "DUNLIN_REPORTER" not in os.environ:
    sys.meta_path.insert(0, _Finder)
_load_next()
`;

/** `python/dunlin_record.py`, shared by both: the lines that `record.cjs` writes, with the reason of a failure. */
export const recordPythonProgram = String.raw`import hashlib
import json
import os
import re
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDER = os.path.dirname(_HERE)
with open(os.path.join(_FOLDER, "target.json"), encoding="utf-8") as _file:
    _TARGET = json.load(_file)
ROOT = _TARGET["root"]
ONLY = None if _TARGET.get("only") is None else {os.path.join(ROOT, name) for name in _TARGET["only"]}
_open = os.open
_write = os.write
_getpid = os.getpid
_sha256 = hashlib.sha256
_dumps = json.dumps
_streams = {}


def _hash(text):
    return _sha256(text.encode("ascii")).hexdigest()


def _claim_key():
    """Gone from the disk before any test is loaded, as in record.cjs; the next runner's key doesn't tell this one."""
    place = os.path.join(_FOLDER, "key")
    mine = "%s-%d" % (place, _getpid())
    for _ in range(200):
        try:
            os.rename(place, mine)
            break
        except OSError:
            time.sleep(0.01)  # another runner is at it
    with open(mine) as file:
        key = file.read()
    with open(mine, "w") as file:
        file.write(_hash("next" + key))
    os.rename(mine, place)
    return key


def _stream():
    pid = _getpid()
    if pid not in _streams:
        key = _claim_key()
        name = "%d-%d.ndjson" % (pid, time.time_ns())
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        file = _open(os.path.join(_FOLDER, "reports", name), flags, 0o600)
        is_fork = len(_streams) > 0
        _streams[pid] = [file, key, ""]
        _append({"start": "python"})
        if is_fork:
            _append({"end": True})  # its parent says when all was run
    return _streams[pid]


def _append(line):
    stream = _stream()
    file, key, seal = stream
    text = _dumps(line, separators=(",", ":"))
    stream[2] = _hash(key + seal + text + key)
    _write(file, (stream[2] + text + "\n").encode("ascii"))


def claim(runner):
    """Programs that the tests start report nothing."""
    os.environ["DUNLIN_REPORTER"] = runner
    _try(_stream)


def end():
    """The runner itself says that all that it had to run was run."""
    _try(_append, {"end": True})


def _try(write, *arguments):
    try:
        write(*arguments)
    except OSError:
        pass  # a full disk must not change what the tests do


def result(id, file, names, status, error=None):
    line = {"id": id, "file": file, "names": [name[:2000] for name in names], "status": status}
    if status == "fail":
        line["error"] = error or describe("", "", "unknown")
    _try(_append, line)


def describe(name, message, reason):
    return {"name": name[:200], "message": message[:4000], "code": "", "stack": "", "reason": reason}


def describe_exception(kind, value, frames):
    """frames: the files that the exception passed through, the innermost last."""
    names = {base.__name__ for base in kind.__mro__}
    try:
        message = str(value)
    except Exception:
        message = ""
    return describe(kind.__name__, message, reason_of(names, message, frames))


def is_own(path):
    return path.startswith(ROOT + "/") and not re.search(r"/(site-packages|dist-packages|\.venv|\.tox)/", path)


def reason_of(names, message, frames):
    if "ImportError" in names or re.search(r"^(partially initialized )?module '.*' has no attribute", message):
        return "import"
    if "AssertionError" in names:
        return "assertion"
    if "Failed" in names:
        return "timeout" if re.match(r"Timeout\b", message) else "assertion"
    if "FileNotFoundError" in names:
        return "missing-file"
    own = [path for path in frames if is_own(path)]
    if "SyntaxError" in names and not (own and own[-1] == frames[-1]):
        return "syntax"
    # A name that isn't there in the test itself: the test could not even ask.
    if "NameError" in names and own and is_test(own[-1]):
        return "import"
    return "exception" if own else "unknown"


def is_test(path):
    return re.search(r"(^|/)(test_[^/]*|[^/]*_test|tests|conftest)\.py$", path) is not None
`;
