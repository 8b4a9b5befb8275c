"""The rows of identities and rights."""

from iam.models.people import (
    ROLE_ID_LENGTH as ROLE_ID_LENGTH,
)
from iam.models.people import (
    AccountAccess as AccountAccess,
)
from iam.models.people import (
    ApiToken as ApiToken,
)
from iam.models.people import (
    Binding as Binding,
)
from iam.models.people import (
    ExternalIdentity as ExternalIdentity,
)
from iam.models.people import (
    Group as Group,
)
from iam.models.people import (
    GroupMember as GroupMember,
)
from iam.models.people import (
    IdentityProvider as IdentityProvider,
)
from iam.models.people import (
    Invitation as Invitation,
)
from iam.models.people import (
    KnownPlace as KnownPlace,
)
from iam.models.people import (
    LoginFailures as LoginFailures,
)
from iam.models.people import (
    PasswordReset as PasswordReset,
)
from iam.models.people import (
    Refusal as Refusal,
)
from iam.models.people import (
    ResetRequests as ResetRequests,
)
from iam.models.people import (
    RightsVersion as RightsVersion,
)
from iam.models.people import (
    Role as Role,
)
from iam.models.people import (
    ServiceAccount as ServiceAccount,
)
from iam.models.people import (
    Session as Session,
)
from iam.models.people import (
    TenantAccess as TenantAccess,
)
from iam.models.people import (
    UsedOnce as UsedOnce,
)
from iam.models.people import (
    User as User,
)
from iam.models.scim import (
    ScimCall as ScimCall,
)
from iam.models.scim import (
    ScimGroup as ScimGroup,
)
from iam.models.scim import (
    ScimResource as ScimResource,
)
from iam.models.scim import (
    ScimUser as ScimUser,
)
from iam.models.scim import (
    SecurityIntegration as SecurityIntegration,
)
from iam.models.syncs import (
    DirectorySync as DirectorySync,
)
