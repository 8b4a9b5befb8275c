"""The drawing of the rooms in docs/architecture.md, made from the import contract itself."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: drawn from .importlinter -->", "<!-- end of rooms -->"


def drawing() -> str:
    """One box per package, the highest first; inside it its rooms, each line importing only from the lines below."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    house = contracts["importlinter:contract:house"]["layers"].split("\n")
    packages = [line.split(" : ")[0].split(".")[0] for line in house if line.strip()]
    boxes = [_box(package, contracts) for package in packages[:-1]] + [_box("control_plane.kernel", contracts)]
    width = max(len(line) for box in boxes for line in box)
    rule = "+" + "-" * (width + 2) + "+"
    lines = [rule]
    for box in boxes:
        lines += [f"| {line:<{width}} |" for line in box] + [rule]
    return "```text\n" + "\n".join(lines) + "\n```"


def _box(package: str, contracts: configparser.ConfigParser) -> list[str]:
    section = f"importlinter:contract:{package}"
    if section not in contracts:
        return [f"{package}/"]
    layers = contracts[section]["layers"].split("\n")
    rooms = ["  ".join(_present(package, layer)) for layer in layers]
    return [f"{package}/", *(f"    {room}" for room in rooms if room)]


def _present(package: str, layer: str) -> list[str]:
    """The rooms of one layer; one in brackets only where it exists."""
    place = ROOT / package.replace(".", "/")
    rooms = [room.strip().strip("()") for room in layer.split(":") if room.strip()]
    return [room for room in rooms if (place / room).is_dir() or (place / f"{room}.py").exists()]


def drawn() -> str:
    """What the page shows now."""
    text = PAGE.read_text()
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()


if __name__ == "__main__":
    page = PAGE.read_text()
    PAGE.write_text(page[: page.index(BEGIN) + len(BEGIN)] + "\n" + drawing() + "\n" + page[page.index(END) :])
