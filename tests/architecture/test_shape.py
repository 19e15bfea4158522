"""Small files, small functions, small classes, each file with a word on what it is for."""

import ast

from tests.architecture.source_tree import classes, functions, name_of, parse, python_files

LINES_PER_FILE = 600
LINES_PER_FUNCTION = 60
METHODS_PER_CLASS = 24  # properties count, what Qt or Python imposes does not
METHODS_WITH_BASES = 45  # with all that it takes from classes of ours
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "misc", "common"}


def test_a_file_fits_in_a_readers_head() -> None:
    lines = {name_of(p): p.read_text(encoding="utf-8").count("\n") for p in python_files()}
    assert not {name: n for name, n in lines.items() if n > LINES_PER_FILE}


def test_a_function_fits_on_a_page() -> None:
    lines = {
        f"{name_of(path)}:{f.lineno} {f.name}": (f.end_lineno or f.lineno) - f.lineno + 1
        for path in python_files()
        for f in functions(parse(path))
    }
    assert not {name: n for name, n in lines.items() if n > LINES_PER_FUNCTION}


def test_a_class_does_one_thing() -> None:
    own = {
        f"{name_of(path)} {c.name}": _methods(c)
        for path in python_files()
        for c in classes(parse(path))
    }
    assert not {name: len(m) for name, m in own.items() if len(m) > METHODS_PER_CLASS}


def test_mixins_do_not_hide_a_class_that_does_everything() -> None:
    product = [p for p in python_files() if name_of(p).split("/")[0] in {"wbc_desktop", "model"}]
    known = {c.name: c for path in product for c in classes(parse(path))}
    whole = {name: len(_with_bases(c, known)) for name, c in known.items()}
    assert not {name: n for name, n in whole.items() if n > METHODS_WITH_BASES}


def test_a_file_says_what_it_is_for() -> None:
    product = [path for path in python_files() if not name_of(path).startswith("tests/unit/")]
    assert not [name_of(path) for path in product if not ast.get_docstring(parse(path))]


def test_a_file_is_named_after_its_thing() -> None:
    assert not [name_of(path) for path in python_files() if path.stem in FORBIDDEN_NAMES]


def _methods(node: ast.ClassDef) -> set[str]:
    """Methods and properties that the class brings itself, by name."""
    return {f.name for f in node.body if isinstance(f, ast.FunctionDef) and _is_own(f)}


def _with_bases(node: ast.ClassDef, known: dict[str, ast.ClassDef]) -> set[str]:
    """The same with those of its bases, as far as these are ours."""
    bases = (known.get(ast.unparse(base).rpartition(".")[2]) for base in node.bases)
    inherited = [_with_bases(base, known) for base in bases if base is not None]
    return _methods(node).union(*inherited)


def _is_own(function: ast.FunctionDef) -> bool:
    """False for what an interface imposes, such as ``__len__`` and Qt's ``paintEvent``."""
    return function.name.islower() and not function.name.startswith("__")
