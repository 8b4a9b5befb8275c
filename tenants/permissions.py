"""What may be allowed on tenants and namespaces."""

from control_plane.kernel.permissions import Resource

NAMESPACE = Resource("NAMESPACE", "VIEW LIST CREATE UPDATE DELETE")
TENANT_SETTINGS = Resource("TENANT_SETTINGS", "VIEW UPDATE")
