"""Keeps what a benchmark measured beside what it printed: `var/bench/<name>.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "var" / "bench"


def keep(name: str, figures: Mapping[str, object]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(figures, indent=1))


def show(name: str, figures: Mapping[str, object]) -> None:
    """Print them one a line, and keep them."""
    for key, value in figures.items():
        print(f"  {key}: {value}")
    keep(name, figures)
