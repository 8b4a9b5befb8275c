"""What may be allowed on flows."""

from control_plane.kernel.permissions import Resource

FLOW = Resource("FLOW", "VIEW LIST CREATE UPDATE DELETE VALIDATE ENABLE DISABLE EXPORT IMPORT")
