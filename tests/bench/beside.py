"""Runs benchmarks of this tree and of an older commit in turn, in one sitting, and prints the ratios.

    python -m tests.bench.beside 148d599 bench_chain bench_throughput --rounds 5

Both sides use this interpreter and its packages; each runs its own code and its own benchmark of the same name. The
order changes with each round, so that a machine that slows down slows both. A ratio is this tree over the other.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench.results import FOLDER, keep

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = ("bench_chain", "bench_throughput", "bench_start", "bench_reads")


def tree_of(commit: str) -> Path:
    """A work tree of the commit, made once and kept; with this tree's built web application, which it must serve."""
    place = FOLDER / f"beside-{commit}"
    if not place.is_dir():
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", place, commit], cwd=ROOT, check=True)
    built = ROOT / "control_plane" / "ui"
    if built.is_dir():
        shutil.copytree(built, place / "control_plane" / "ui", dirs_exist_ok=True)
    return place


def run(tree: Path, bench: str) -> dict[str, float]:
    """One run; every number it has kept, by its path."""
    subprocess.run([sys.executable, "-m", f"tests.bench.{bench}"], cwd=tree, check=True, capture_output=True)
    return dict(numbers(json.loads((tree / "var" / "bench" / f"{bench}.json").read_text())))


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Each number of nested maps, named by its keys joined with dots."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from numbers(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)


def compare(commit: str, bench: str, rounds: int) -> dict[str, dict[str, float]]:
    """Medians of both sides, their ratio, and the spread of the ratios of the pairs."""
    sides: dict[Path, list[dict[str, float]]] = {ROOT: [], tree_of(commit): []}
    for number in range(rounds):
        for tree in sorted(sides, reverse=number % 2 == 1):
            sides[tree].append(run(tree, bench))
    ours, theirs = sides.values()
    return {name: _figure(name, ours, theirs) for name in ours[0] if all(name in each for each in (*ours, *theirs))}


def _figure(name: str, ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> dict[str, float]:
    here, there = [each[name] for each in ours], [each[name] for each in theirs]
    pairs = [a / b for a, b in zip(here, there, strict=True) if b]
    return {
        "here": statistics.median(here),
        "there": statistics.median(there),
        "ratio": round(statistics.median(pairs), 3) if pairs else float("nan"),
        "least": round(min(pairs), 3) if pairs else float("nan"),
        "most": round(max(pairs), 3) if pairs else float("nan"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit")
    parser.add_argument("benches", nargs="*", default=DEFAULT)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for bench in given.benches:
        print(f"== {bench}, {given.rounds} alternating rounds beside {given.commit}")
        figures = compare(given.commit, bench, given.rounds)
        for name, figure in figures.items():
            spread = f"{figure['least']} to {figure['most']}"
            print(f"  {name}: {figure['here']:g} beside {figure['there']:g}, ratio {figure['ratio']} ({spread})")
        keep(f"{bench}-beside-{given.commit}", figures)


if __name__ == "__main__":
    main()
