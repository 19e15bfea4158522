"""Small files, small functions, small classes, each file with a word on what it is for."""

import ast

from tests.architecture.source_tree import classes, functions, name_of, parse, python_files

LINES_PER_FILE = 400
LINES_PER_FUNCTION = 60
METHODS_PER_CLASS = 20
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
    methods = {
        f"{name_of(path)} {c.name}": _methods(c)
        for path in python_files()
        for c in classes(parse(path))
    }
    assert not {name: n for name, n in methods.items() if n > METHODS_PER_CLASS}


def test_a_file_says_what_it_is_for() -> None:
    product = [path for path in python_files() if not name_of(path).startswith("tests/unit/")]
    assert not [name_of(path) for path in product if not ast.get_docstring(parse(path))]


def test_a_file_is_named_after_its_thing() -> None:
    assert not [name_of(path) for path in python_files() if path.stem in FORBIDDEN_NAMES]


def _methods(node: ast.ClassDef) -> int:
    """Methods that the class brings itself, by name."""
    own = [f for f in node.body if isinstance(f, ast.FunctionDef) and _is_own(f)]
    return len({f.name for f in own})


def _is_own(function: ast.FunctionDef) -> bool:
    """False for what an interface imposes (``__len__``, Qt's ``paintEvent``), and properties."""
    imposed = function.name.startswith("__") or not function.name.islower()
    return not imposed and not any(
        ast.unparse(decorator).endswith(("property", "setter"))
        for decorator in function.decorator_list
    )
