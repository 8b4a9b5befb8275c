"""What may be allowed on the audit trail."""

from control_plane.kernel.permissions import Resource

AUDITLOG = Resource("AUDITLOG", "VIEW LIST EXPORT DELETE")
