"""Crashpoints kill only what a test has armed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ASK = "from control_plane.kernel.crashpoints import crashpoint; crashpoint('here')"


@pytest.mark.parametrize(("armed", "code"), [({}, 0), ({"CRASHPOINTS_ARMED": "by a test"}, -signal.SIGKILL)])
def test_a_process_that_no_test_has_armed_never_looks(tmp_path: Path, armed: dict[str, str], code: int) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    environment = {**os.environ, "CRASHPOINT": f"here:{flag}", **armed}
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, check=False)
    assert (done.returncode, flag.exists()) == (code, code == 0)
