"""The canonical text of an entry and how entries are linked, as the verifier computes them."""

from __future__ import annotations

from audit.verifier.verify import GENESIS as GENESIS
from audit.verifier.verify import canonical as canonical
from audit.verifier.verify import digest as digest
from audit.verifier.verify import link as link
