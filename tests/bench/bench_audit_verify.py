"""Entries verified a second: a tenant's chain where it stands, and its export by the verifier's one file alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.bench_audit import ground
from tests.bench.results import show

ENTRIES, AT_ONCE, ROUNDS = 100_000, 5_000, 5
BAR = "150,000 entries/s"


def fill(count: int, anchors: Path) -> None:
    """Entries as starts write them, and anchors outside."""
    from audit.background.system import ensure_key
    from audit.delivery.file import File
    from audit.proof.anchors import anchor
    from audit.recording.trail import append
    from control_plane.kernel.actor import SYSTEM, Change, Context
    from control_plane.kernel.scope import tenant_scope
    from control_plane.kernel.words.ids import new_id
    from tests.cast import ACME

    ensure_key()
    for _ in range(count // AT_ONCE):
        ids = [new_id() for _ in range(AT_ONCE)]
        starts = [
            Change("EXECUTION", each, "prod", None, {"id": each, "flowId": "hello", "revision": 1}) for each in ids
        ]
        with tenant_scope(ACME):
            append(Context(SYSTEM, tenant_id=ACME, ip="10.0.0.1"), starts, action=None, by="bench")
        anchor(ACME, [File(anchors)])


def rate(count: int, act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return count / (time.perf_counter() - began)


def measure(count: int) -> dict[str, object]:
    with ground(), TemporaryDirectory() as folder:
        from django.db.models import Q

        from audit.exporting.trail import ndjson
        from audit.proof.checking import check
        from audit.verifier import verify
        from tests.cast import ACME

        anchors, trail = Path(folder) / "anchors.ndjson", Path(folder) / "trail.ndjson"
        fill(count, anchors)
        with trail.open("w") as file:
            file.writelines(ndjson(ACME, Q(), with_proof=False))
        alone = [sys.executable, "-I", "-S", verify.__file__, str(trail), str(anchors)]

        def here() -> None:
            report = check(ACME)
            assert report.is_intact and report.entries == count, report.problems

        def elsewhere() -> None:
            done = subprocess.run(alone, check=True, capture_output=True, text=True)
            assert f"{count} entries" in done.stdout.replace(",", ""), done.stdout

        here()
        found = [(rate(count, here), rate(count, elsewhere)) for _ in range(ROUNDS)]
    return {
        "figure": "entries verified a second",
        "n": count * ROUNDS,
        "in_the_database_per_s": round(statistics.median(one for one, _ in found)),
        "export_by_one_file_per_s": round(statistics.median(two for _, two in found)),
        "bar": BAR,
    }


if __name__ == "__main__":
    show("bench_audit_verify", measure(int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES))
