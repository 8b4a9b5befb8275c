"""How many small mistakes the tests notice: `python -m tests.bench.mutants [package] [sample] [seed]`.

One mistake at a time is put into a module as it is imported, in a process of its own; no file is touched. The tests
that reach its line decide: the mutant is noticed when one of them fails, or when it never ends. What no test reaches
has survived. Changed are comparisons, arithmetic, `and`/`or`, `not`, conditions, numbers, truth values, returns, jumps,
and calls made for their effect; annotations and texts are not.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import random
import resource
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

import coverage
import pytest

from tests.bench.results import keep

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, SEED, GOAL = 60, 20240101, 0.8
CPU_SECONDS = 90
FOR_TESTS = {"simulator"}
"""Folders of what tests stand on: a mistake there is a mistake of the tests."""
PLAIN = ("-q", "-x", "-p", "no:django", "--noconftest", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:warnings")
TESTS = {
    "executions/engine": [
        "tests/executions/engine",
        "tests/plugins/flowables",
        *(
            f"--deselect=tests/executions/engine/test_random_flows.py::test_random_flows_with_faults_end_legally[{n}]"
            for n in range(1, 10)
        ),
        "-mnot nightly",
    ],
    "flows/expressions": ["tests/flows/expressions", "--ignore=tests/flows/expressions/test_hostile.py"],
}
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change to the node that stands at `index` when the tree of a file is walked."""

    path: Path
    line: int
    index: int
    what: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} {self.what}"

    def code(self) -> CodeType:
        tree = ast.parse(self.path.read_text())
        target = list(ast.walk(tree))[self.index]
        changed = _Replace(target, change(target)).visit(tree)
        return compile(ast.fix_missing_locations(changed), str(self.path), "exec", dont_inherit=True)


class _Replace(ast.NodeTransformer):
    def __init__(self, target: ast.AST, by: ast.AST) -> None:
        self.target, self.by = target, ast.copy_location(by, target) if hasattr(target, "lineno") else by

    def visit(self, node: ast.AST) -> ast.AST:
        return self.by if node is self.target else super().generic_visit(node)


def change(node: ast.AST) -> ast.AST:
    """The node with its mistake; raises KeyError for one that has none."""
    made = copy.deepcopy(node)
    match made:
        case ast.Compare():
            made.ops[0] = SWAPS[type(made.ops[0])]()  # type: ignore[assignment]
        case ast.BinOp() | ast.AugAssign() | ast.BoolOp():
            made.op = SWAPS[type(made.op)]()  # type: ignore[assignment]
        case ast.UnaryOp(op=ast.Not()):
            return made.operand
        case ast.If() | ast.While() | ast.IfExp():
            made.test = ast.copy_location(ast.UnaryOp(ast.Not(), made.test), made.test)
        case ast.Constant(value=bool()):
            made.value = not made.value
        case ast.Constant(value=int() | float()):
            made.value += 1
        case ast.Return(value=value) if value is not None and not _is_nothing(value):
            made.value = ast.copy_location(ast.Constant(None), value)
        case ast.Break() | ast.Continue():
            return SWAPS[type(made)]()
        case ast.Expr(value=ast.Call()):
            return ast.Pass()
        case _:
            raise KeyError(type(node))
    return made


def _is_nothing(value: ast.AST) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def mutants_of(path: Path) -> Iterator[Mutant]:
    tree = ast.parse(path.read_text())
    left_out = set(_left_out(tree))
    for index, node in enumerate(ast.walk(tree)):
        with contextlib.suppress(KeyError):
            if node not in left_out:
                change(node)
                yield Mutant(
                    path, node.lineno, index, f"{type(node).__name__}: {ast.unparse(node).splitlines()[0][:80]}"
                )  # type: ignore[attr-defined]


def _left_out(tree: ast.AST) -> Iterable[ast.AST]:
    """Annotations, decorators (`frozen=True` decides nothing), and what only a type checker reads."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = [*getattr(node, "decorator_list", ())]
        if isinstance(node, ast.arg | ast.AnnAssign):
            parts.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            parts.append(node.returns)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            parts.append(node)
        elif (
            isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.BitOr)
        ):
            parts.append(node.value)  # the name of a type
        for part in parts:
            if part is not None:
                yield from ast.walk(part)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module with its mistake."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts)

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.mutant.path, loader=self)

    def exec_module(self, module: object) -> None:
        exec(self.mutant.code(), vars(module))


def in_a_child(work: Callable[[], int], seconds: int = CPU_SECONDS) -> int:
    """The exit code of work done in a fork, or 1 when it was stopped after so many seconds of processor time."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            signal.alarm(2 * seconds)
            quiet = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(quiet, descriptor)
            code = work()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1


def reached(package: str, folder: Path) -> dict[tuple[str, int], set[str]]:
    """Which tests reach a line; the empty name stands for an import."""
    data = folder / "coverage"

    def work() -> int:
        (folder / "rc").write_text("[run]\ndynamic_context = test_function\n")
        watch = coverage.Coverage(data_file=str(data), config_file=str(folder / "rc"), source=[package])
        with watch.collect():
            code = pytest.main([*PLAIN, *TESTS[package]])
        watch.save()
        return int(code)

    if in_a_child(work, 10 * CPU_SECONDS) != 0:
        raise SystemExit(f"the tests of {package} fail without any mutant")
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    kept = coverage.CoverageData(str(data))
    kept.read()
    for file in kept.measured_files():
        for line, contexts in kept.contexts_by_lineno(file).items():
            found[file, line] |= set(contexts)
    return found


def chosen(package: str, names: set[str]) -> list[str]:
    """What pytest is told to run: the tests that reach a line, or all when that is not known by name (imports)."""
    files: dict[str, set[str]] = defaultdict(set)
    for name in names:
        if name.startswith("tests."):
            parts = name.split(".")
            last = next(number for number, part in enumerate(parts) if part.startswith("test_"))
            files["/".join(parts[: last + 1]) + ".py"].add("::".join(parts[last + 1 :]))
    if not files:
        return TESTS[package]
    selected = [f"{file}::{test}" for file, tests in sorted(files.items()) for test in sorted(tests)]
    return [*selected, *(option for option in TESTS[package] if option.startswith("-"))]


def is_noticed(mutant: Mutant, arguments: Sequence[str]) -> bool:
    def work() -> int:
        sys.meta_path.insert(0, _Finder(mutant))
        with contextlib.redirect_stdout(io.StringIO()):
            return int(pytest.main([*PLAIN, *arguments]))

    return in_a_child(work) != 0


def score(package: str, sample: int, seed: int) -> dict[str, object]:
    sources = [path for path in sorted((ROOT / package).rglob("*.py")) if path.parent.name not in FOR_TESTS]
    everything = [mutant for path in sources for mutant in mutants_of(path)]
    picked = random.Random(seed).sample(everything, min(sample, len(everything)))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        lines = reached(package, Path(folder))
        survived = []
        for mutant in picked:
            names = lines.get((str(mutant.path), mutant.line), set())
            noticed = bool(names) and is_noticed(mutant, chosen(package, names))
            survived += [] if noticed else [str(mutant)]
            print(f"{'noticed ' if noticed else 'SURVIVED'} {mutant}", flush=True)
    return {
        "package": package,
        "seed": seed,
        "mutants": len(everything),
        "sample": len(picked),
        "score": 1 - len(survived) / len(picked),
        "survived": survived,
    }


def main(package: str | None = None, sample: str = str(SAMPLE), seed: str = str(SEED)) -> None:
    os.chdir(ROOT)
    for each in [package] if package else list(TESTS):
        result = score(each, int(sample), int(seed))
        print(f"{each}: {result['score']:.0%} of {result['sample']} mutants noticed ({GOAL:.0%} or more), seed {seed}")
        keep(f"mutants-{each.replace('/', '-')}", result)


if __name__ == "__main__":
    main(*sys.argv[1:])
