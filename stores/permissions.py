"""What may be allowed on the stores of a namespace."""

from control_plane.kernel.permissions import Resource

KVSTORE = Resource("KVSTORE", "VIEW LIST CREATE UPDATE DELETE")
SECRET = Resource("SECRET", "LIST CREATE UPDATE DELETE")
NAMESPACE_FILE = Resource("NAMESPACE_FILE", "VIEW LIST CREATE UPDATE DELETE EXPORT")
CREDENTIAL = Resource("CREDENTIAL", "VIEW LIST CREATE UPDATE DELETE USE")
