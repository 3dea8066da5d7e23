"""The documentation and the code of the installed Python's standard library, as documents.

Documentation: the docstrings of modules, classes and functions, and the chapters on the language
that ``help()`` shows. Code: the statements at the top of each module, with the comments before
them, a function or class at a time, without the docstrings. Tests, tables of encodings and
whatever else was installed are left out.
"""

import ast
import importlib
import sysconfig
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

from compute.errors import HeadscopeError

_LEFT_OUT = {"site-packages", "dist-packages", "test", "tests", "idle_test", "encodings"}
_LEFT_OUT |= {"lib2to3", "pydoc_data", "__phello__", "__pycache__"}
_SHORTEST = 60  # characters of a document
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def records() -> Iterator[tuple[str, str]]:
    """Yield each document and its slice, ``documentation`` or ``code``; in the same order always.

    Raises
    ------
    HeadscopeError
        If there are no files, as in some Pythons that come packed.
    """
    root = Path(sysconfig.get_path("stdlib"))
    files = [path for path in sorted(root.rglob("*.py")) if _wanted(path.relative_to(root))]
    if not files:
        raise HeadscopeError(
            f"This Python has no files of its standard library in {root}. Choose other files."
        )
    for text in _chapters():
        yield text, "documentation"
    for file in files:
        try:
            with tokenize.open(file) as opened:
                source = opened.read()
            yield from of_module(source)
        except (OSError, SyntaxError, UnicodeDecodeError, ValueError):
            continue  # what Python itself can't read


def of_module(source: str) -> Iterator[tuple[str, str]]:
    """Yield the documents of a module's source that are no shorter than `_SHORTEST`.

    Raises
    ------
    SyntaxError
        If it is no Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that were right when it was written
        tree = ast.parse(source)
    documented = [node for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)]
    for text in map(ast.get_docstring, documented):
        if text and len(text) >= _SHORTEST:
            yield text, "documentation"
    for text in _code(tree, documented, source.splitlines()):
        if len(text.strip()) >= _SHORTEST:
            yield text, "code"


def _code(tree: ast.Module, documented: list[ast.AST], lines: list[str]) -> Iterator[str]:
    """Yield runs of lines, each to the end of a function or class, without docstrings."""
    left_out: set[int] = set()
    for node in documented:
        if ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            left_out.update(range(first.lineno, first.end_lineno + 1))
    begun = 0
    whole = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    ends = [node.end_lineno for node in tree.body if isinstance(node, whole)]
    for end in [*ends, len(lines)]:
        kept = [lines[n] for n in range(begun, end) if n + 1 not in left_out]
        yield "\n".join(kept)
        begun = max(end, begun)


def _chapters() -> Iterator[str]:
    """Yield the chapters on the language, in the order of their names."""
    try:
        topics = importlib.import_module("pydoc_data.topics").topics
    except (ImportError, AttributeError):
        return
    yield from (topics[name] for name in sorted(topics))


def _wanted(path: Path) -> bool:
    return not _LEFT_OUT.intersection(path.parts)
