"""What may be allowed on executions."""

from control_plane.kernel.permissions import Resource

EXECUTION = Resource(
    "EXECUTION",
    "VIEW LIST CREATE UPDATE DELETE EXPORT KILL PAUSE RESUME RESTART REPLAY UNQUEUE FORCE_RUN CHANGE_LABELS FOLLOW "
    "ACCESS_LOGS ACCESS_OUTPUTS ACCESS_FILES",
)
