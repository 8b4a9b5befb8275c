"""What may be allowed on the fleet; it belongs to the instance."""

from control_plane.kernel.permissions import Resource

WORKER_GROUP = Resource("WORKER_GROUP", "VIEW LIST CREATE UPDATE DELETE")
WORKER_QUEUE = Resource("WORKER_QUEUE", "VIEW LIST CREATE UPDATE DELETE")
