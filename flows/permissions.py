"""What may be allowed on flows, and on the inputs they share."""

from control_plane.kernel.permissions import Resource

FLOW = Resource("FLOW", "VIEW LIST CREATE UPDATE DELETE VALIDATE ENABLE DISABLE EXPORT IMPORT")
REUSABLE_INPUTS = Resource("REUSABLE_INPUTS", "VIEW LIST CREATE UPDATE DELETE")
