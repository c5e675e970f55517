"""Finds the names that a notebook takes from helpers and that helpers does not have.

Names change in a package, and a notebook that nobody has run since still asks for the old one. Whatever is imported
from helpers, and whatever is taken from one of its modules as `audio.tone`, is looked up without running the cell.
"""

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from types import ModuleType

from nbformat import NotebookNode


def tree(cell: NotebookNode) -> ast.Module:
    """Parse a cell of code; lines for IPython alone become empty."""
    python = re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.MULTILINE)
    return compile(python, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def unknown_names(trees: list[ast.Module]) -> Iterator[str]:
    """Yield a complaint for each name that the cells of one notebook take from helpers and that is not there."""
    nodes = [node for cell in trees for node in ast.walk(cell)]
    modules: dict[str, ModuleType] = {}
    for node in nodes:
        try:
            modules |= imported_modules(node)
        except (ImportError, AttributeError) as error:
            yield f"line {node.lineno}: {error}"
    rebound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in (node for node in nodes if isinstance(node, ast.Attribute)):
        module = resolve(node.value, modules, rebound)
        if module and not hasattr(module, node.attr) and not is_module(f"{module.__name__}.{node.attr}"):
            yield f"{module.__name__} has no {node.attr!r}"


def imported_modules(node: ast.AST) -> dict[str, ModuleType]:
    """Return the modules of helpers that an import binds to names; raises ImportError for a name that is not there."""
    found = {}
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.split(".")[0] == "helpers":
                module = importlib.import_module(alias.name)
                found[alias.asname or "helpers"] = module if alias.asname else importlib.import_module("helpers")
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "helpers":
        module = importlib.import_module(node.module)
        for alias in node.names:
            if is_module(f"{node.module}.{alias.name}") and not hasattr(module, alias.name):
                importlib.import_module(f"{node.module}.{alias.name}")
            if isinstance(value := getattr(module, alias.name), ModuleType):
                found[alias.asname or alias.name] = value
    return found


def is_module(name: str) -> bool:
    """Tell whether a module of this name could be imported."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def resolve(node: ast.expr, modules: dict[str, ModuleType], rebound: set[str]) -> ModuleType | None:
    """Return the module of helpers that an expression such as `audio` or `helpers.audio` means, or None."""
    if isinstance(node, ast.Name) and node.id not in rebound:
        return modules.get(node.id)
    if isinstance(node, ast.Attribute) and (parent := resolve(node.value, modules, rebound)) is not None:
        name = f"{parent.__name__}.{node.attr}"
        value = importlib.import_module(name) if is_module(name) else getattr(parent, node.attr, None)
        return value if isinstance(value, ModuleType) and value.__name__.startswith("helpers") else None
    return None
