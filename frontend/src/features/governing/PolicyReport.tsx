/** What a policy would make of the flows that are there, before anybody enforces it. */
import { useQuery } from "@tanstack/react-query";
import type { PolicySummary } from "@/api/types";
import { Failure, RowsLoading } from "@/kit/Notices";
import { evaluatePolicy, type Place, policiesKey } from "./queries";

export function PolicyReport({ place, policy }: { place: Place; policy: PolicySummary }) {
  const report = useQuery({
    queryKey: [...policiesKey(place), policy.scope, policy.namespace, policy.id, "report"],
    queryFn: () => evaluatePolicy(place, policy),
  });
  if (report.isError) return <Failure error={report.error} onRetry={report.refetch} />;
  if (!report.data) return <RowsLoading rows={4} />;
  const { counts, results, total } = report.data;
  return (
    <div>
      <p role="status">
        Of {counts.scanned} flows {counts.mutated} would be changed, {counts.violating} break a rule
        {counts.conflicting > 0 && `, and ${counts.conflicting} meet rules that contradict each other`}.
      </p>
      <ul>
        {results.map(({ resource, violations, mutations, conflicts }) => (
          <li key={`${resource.namespace}.${resource.id}`}>
            <strong>
              {resource.namespace} / {resource.id}
            </strong>
            <ul>
              {violations.map(({ target, message }) => (
                <li key={`${target} ${message}`}>
                  <span className="mono">{target}</span>: {message}
                </li>
              ))}
              {mutations.map(({ target, action }) => (
                <li key={`${target} ${action}`}>
                  <span className="mono">{target}</span> is {action.toLowerCase()}
                </li>
              ))}
              {conflicts.map(({ target }) => (
                <li key={target}>
                  <span className="mono">{target}</span> is both added and deleted
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {total > results.length && <p>{total - results.length} more are not shown.</p>}
    </div>
  );
}
