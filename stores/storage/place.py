"""Where files are kept."""

from __future__ import annotations

from stores.storage.routed import RoutedStorage

_storage = RoutedStorage()


def storage() -> RoutedStorage:
    """All files of the instance; each key begins with the tenant that it belongs to."""
    return _storage
