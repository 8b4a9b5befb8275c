/** How the tenant is doing: what runs, what waits, what failed, and which flows fail most. */
import { SegmentedControl } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { to } from "@/addresses";
import type { ExecutionRow, StateType } from "@/api/types";
import { ActivityChart } from "@/features/charts/ActivityChart";
import { useRecent } from "@/features/charts/recent";
import { fetchExecutions } from "@/features/executions/queries";
import { FirstFlow } from "@/features/flows/FirstFlow";
import { fetchFlows } from "@/features/flows/queries";
import { Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { type Figure, Numbers } from "@/kit/Numbers";
import { Page } from "@/kit/Page";
import { StateBadge } from "@/kit/StateBadge";
import type { Tone } from "@/kit/states";
import { Took, When } from "@/kit/When";
import { useCountAgain } from "@/live/useCountAgain";
import { type Search, useTenant, useUrlState } from "@/url";
import { failingFlows } from "./failing";
import classes from "./HomePage.module.css";

const RANGES = [
  { value: "PT1H", label: "Hour" },
  { value: "PT24H", label: "Day" },
  { value: "PT168H", label: "Week" },
  { value: "PT720H", label: "Month" },
];
const UNFINISHED = "RUNNING,CREATED,RESTARTED,RETRYING,KILLING,QUEUED,PAUSED,BREAKPOINT";
const SHOWN = 8;

export function HomePage() {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const navigate = useNavigate();
  const range = search.range ?? "PT24H";
  const recent = useRecent(tenant, { range });
  const flows = useQuery({
    queryKey: [tenant, "flows", {}],
    queryFn: () => fetchFlows(tenant, {}, 1),
    enabled: recent.data?.total === 0,
  });
  if (recent.isError) return <Failure error={recent.error} onRetry={recent.refetch} />;
  const pick = (from: number, until: number) =>
    navigate({ to: to.executions(tenant), search: { from: String(from), to: String(until) } as never });
  return (
    <Page
      name="Overview"
      title="Overview"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          value={range}
          onChange={(next) => setSearch({ range: next })}
          data={RANGES}
        />
      }
    >
      {flows.data?.results.length === 0 ? (
        <FirstFlow />
      ) : (
        <div className={classes.page}>
          <Section title="Executions">
            <Counts tenant={tenant} range={range} />
            <div className={classes.chart}>
              <ActivityChart tenant={tenant} search={{ range }} onPick={pick} />
            </div>
          </Section>
          <div className={classes.columns}>
            <Rows
              tenant={tenant}
              title="Not finished"
              search={{ state: UNFINISHED }}
              nothing="Nothing runs."
            />
            <Rows
              tenant={tenant}
              title="Failed last"
              search={{ state: "FAILED,KILLED", range }}
              nothing="Nothing failed."
            />
          </div>
          <Failing tenant={tenant} rows={recent.data?.results} range={range} />
        </div>
      )}
    </Page>
  );
}

const COUNTED: { name: string; state: string; tone: Tone; ever?: boolean }[] = [
  { name: "Running", state: "RUNNING", tone: "busy", ever: true },
  { name: "Queued", state: "QUEUED", tone: "calm", ever: true },
  { name: "Paused", state: "PAUSED", tone: "wait", ever: true },
  { name: "Succeeded", state: "SUCCESS", tone: "good" },
  { name: "With warnings", state: "WARNING", tone: "warn" },
  { name: "Failed", state: "FAILED", tone: "bad" },
];

function Counts({ tenant, range }: { tenant: string; range: string }) {
  const totals = useQuery({
    queryKey: [tenant, "executions", "totals", range],
    queryFn: () =>
      Promise.all(
        COUNTED.map(({ state, ever }) =>
          fetchExecutions(tenant, ever ? { state } : { state, range }, 1, 1).then(({ total = 0 }) => total),
        ),
      ),
    placeholderData: (before) => before,
  });
  useCountAgain([tenant, "executions", "totals"]);
  const figures = COUNTED.map(({ name, state, tone, ever }, index): Figure => {
    const count = totals.data?.[index];
    return {
      name,
      value: count === undefined ? "–" : count.toLocaleString(),
      tone: count ? tone : undefined,
      to: to.executions(tenant),
      search: ever ? { state } : { state, range },
    };
  });
  return <Numbers figures={figures} />;
}

interface RowsProps {
  tenant: string;
  title: string;
  search: Search;
  nothing: string;
}

function Rows({ tenant, title, search, nothing }: RowsProps) {
  const query = useRecent(tenant, search, SHOWN);
  const total = query.data?.total ?? 0;
  return (
    <Section
      title={title}
      aside={
        total > SHOWN && (
          <Link to={to.executions(tenant)} search={search as never} className={`${classes.more} link`}>
            All {total.toLocaleString()}
          </Link>
        )
      }
    >
      {query.isPending && <RowsLoading rows={4} height={30} />}
      {query.data?.results.length === 0 && (
        <p className={classes.nothing}>
          <IconCircleCheck size={15} /> {nothing}
        </p>
      )}
      <ul className={classes.rows}>
        {query.data?.results.slice(0, SHOWN).map((row) => (
          <Row key={row.id} tenant={tenant} row={row} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ tenant, row }: { tenant: string; row: ExecutionRow }) {
  return (
    <li>
      <StateBadge state={row.state.current} />
      <Link to={to.execution(tenant, row.id)} className={`${classes.name} link`} title={row.namespace}>
        {row.flowId}
      </Link>
      <span className={classes.dim}>
        <When date={row.state.startDate} />
      </span>
      <span className={classes.took}>
        <Took state={row.state} />
      </span>
    </li>
  );
}

interface FailingProps {
  tenant: string;
  rows: ExecutionRow[] | undefined;
  range: string;
}

function Failing({ tenant, rows, range }: FailingProps) {
  const failing = failingFlows(rows ?? []).slice(0, SHOWN);
  if (failing.length === 0) return null;
  const failed: StateType[] = ["FAILED", "KILLED"];
  return (
    <Section title="Flows that fail most">
      <ul className={classes.failing}>
        {failing.map(({ namespace, flowId, ended, failed: count }) => (
          <li key={`${namespace}/${flowId}`}>
            <Link to={to.flow(tenant, namespace, flowId)} className={`${classes.name} link`}>
              {flowId} <span className={classes.dim}>{namespace}</span>
            </Link>
            <span className={classes.meter} aria-hidden>
              <span style={{ width: `${(100 * count) / ended}%` }} />
            </span>
            <Link
              to={to.executions(tenant)}
              search={{ namespace, flowId, range, state: failed.join(",") } as never}
              className={`${classes.took} link`}
            >
              {count} of {ended}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
