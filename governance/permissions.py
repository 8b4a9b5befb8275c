"""What may be allowed on what an operator lays over everything."""

from control_plane.kernel.permissions import Resource

KILL_SWITCH = Resource("KILL_SWITCH", "VIEW LIST CREATE UPDATE DELETE")
INSTANCE = Resource("INSTANCE", "VIEW UPDATE EXPORT")
"""Announcements and maintenance: what is said to everybody, and whether work begins."""
POLICY = Resource("POLICY", "VIEW LIST CREATE UPDATE DELETE EXPORT IMPORT")
