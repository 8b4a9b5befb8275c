/** Finds out where to begin: set-up, sign-in, or the tenant used last. */

import { IconBuildings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { to } from "@/addresses";
import { isStatus } from "@/api/errors";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { meQuery, setupQuery, startTenant } from "./queries";

const MyInvitations = lazy(() =>
  import("@/features/profile/MyInvitations").then(({ MyInvitations: part }) => ({ default: part })),
);

export function StartPage() {
  const setup = useQuery(setupQuery);
  const me = useQuery({ ...meQuery, enabled: setup.data?.done === true });
  if (setup.isError) return <Failure error={setup.error} onRetry={setup.refetch} />;
  if (setup.data && !setup.data.done) return <Navigate to={to.setup()} replace />;
  if (isStatus(me.error, 401)) return <Navigate to={to.signIn()} replace />;
  if (me.isError) return <Failure error={me.error} onRetry={me.refetch} />;
  if (!me.data) return <RowsLoading rows={4} />;
  const tenant = startTenant(me.data);
  if (tenant) return <Navigate to={to.home(tenant)} replace />;
  return (
    <main>
      <Empty isPage icon={IconBuildings} title="You have no tenant yet">
        Your account works, but nobody has given it access to a tenant. Ask whoever governs this instance.
      </Empty>
      <Suspense>
        <MyInvitations />
      </Suspense>
    </main>
  );
}
