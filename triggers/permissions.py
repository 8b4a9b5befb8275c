"""What may be allowed on triggers."""

from control_plane.kernel.permissions import Resource

TRIGGER = Resource("TRIGGER", "VIEW LIST CREATE UPDATE DELETE EXPORT DISABLE ENABLE UNLOCK RESTART BACKFILL")
