"""Which version this is, as it was installed."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("orrery-control-plane")
except PackageNotFoundError:
    VERSION = "0.0.0"
