/** Whether the trail is what was written: a check of the whole chain, its keys and anchors, and what left for where. */
import { Button } from "@mantine/core";
import { IconCertificate, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { TrailReport, TrailState } from "@/api/types";
import { CopyText } from "@/kit/CopyText";
import { saveAddress } from "@/kit/download";
import { Facts, Section } from "@/kit/Facts";
import { Failure, RowsLoading } from "@/kit/Notices";
import { Tag } from "@/kit/Tag";
import { absoluteTime } from "@/kit/time";
import { useTenant } from "@/url";
import classes from "./AuditPage.module.css";

export function Proof() {
  const tenant = useTenant();
  const params = { path: { tenant } };
  const state = useQuery({
    queryKey: [tenant, "audit", "proof"],
    queryFn: () => call<TrailState>(api.GET("/api/v1/{tenant}/auditlogs/proof", { params })),
  });
  const report = useQuery({
    queryKey: [tenant, "audit", "verify"],
    queryFn: () => call<TrailReport>(api.GET("/api/v1/{tenant}/auditlogs/verify", { params })),
    enabled: false,
    gcTime: 0,
  });
  if (state.isError) return <Failure error={state.error} onRetry={state.refetch} />;
  if (!state.data) return <RowsLoading rows={8} />;
  const { entries, anchors, anchoredAt, anchoredEntry, isOutside, tombstones, keys, shipping } = state.data;
  const load = (name: string, file: string) =>
    saveAddress(`/api/v1/${encodeURIComponent(tenant)}/auditlogs/${name}`, file);
  return (
    <div className={classes.proof}>
      <Section
        title="The chain"
        aside={
          <Button
            size="xs"
            leftSection={<IconCertificate size={14} />}
            loading={report.isFetching}
            onClick={() => report.refetch()}
          >
            Check all {entries} entries
          </Button>
        }
      >
        {report.isError && <Failure error={report.error} onRetry={report.refetch} />}
        {report.data && (
          <div role="status" aria-label="Result of the check">
            <Facts
              facts={[
                {
                  name: "Result",
                  value: report.data.isIntact ? <Tag tone="good">Intact</Tag> : <Tag tone="bad">Broken</Tag>,
                },
                { name: "Entries", value: `${report.data.entries}, up to number ${report.data.last}` },
                { name: "From", value: report.data.start ? absoluteTime(report.data.start) : "–" },
                { name: "To", value: report.data.end ? absoluteTime(report.data.end) : "–" },
                { name: "Purged", value: `${report.data.purged}, each under a signed tombstone` },
                {
                  name: "Anchors",
                  value: report.data.anchors
                    ? `${report.data.anchors} agree; the last vouches for all up to number ${report.data.anchoredEntry}`
                    : "None: that the end was not cut off is not proved",
                },
              ]}
            />
            <ul className={classes.problems}>
              {report.data.problems.map((problem) => (
                <li key={`${problem.seq} ${problem.text}`}>{problem.text}</li>
              ))}
            </ul>
          </div>
        )}
        {!report.data && !report.isError && (
          <p className={classes.none}>
            Each entry bears the hash of the one before it. A check follows all of them, compares them with
            the signed anchors, and names the place where anything was changed, moved or taken out.
          </p>
        )}
      </Section>
      <Section title="Anchors">
        <Facts
          facts={[
            { name: "Made", value: `${anchors}` },
            {
              name: "Last",
              value: anchoredAt ? `${absoluteTime(anchoredAt)}, at entry ${anchoredEntry}` : "None yet",
            },
            { name: "Outside", value: isOutside ? "The last one has left" : "Not yet" },
            { name: "Tombstones", value: `${tombstones}` },
            ...keys.map((key) => ({
              name: "Public key",
              value: (
                <span className={classes.key}>
                  <span className="mono">{key.public}</span>
                  <CopyText value={key.public} label="Copy the key" /> since {absoluteTime(key.at)}
                </span>
              ),
            })),
          ]}
        />
      </Section>
      <Section title="On another machine">
        <p className={classes.none}>
          <code>python verify.py auditlogs.ndjson anchors.ndjson --key KEY</code> checks an export against
          anchors that you kept. It is one file and needs nothing but Python.
        </p>
        <div className={classes.links}>
          <Download label="The verifier" onClick={() => load("verifier", "verify.py")} />
          <Download label="The anchors" onClick={() => load("anchors", "anchors.ndjson")} />
          <Download label="The trail" onClick={() => load("export?format=ndjson", "auditlogs.ndjson")} />
        </div>
      </Section>
      <Section title="Shipping">
        {shipping.length === 0 && (
          <p className={classes.none}>
            Entries go nowhere else. The operator names files, syslog servers, webhooks or buckets in{" "}
            <code>audit.ship_to</code>.
          </p>
        )}
        <Facts
          facts={shipping.map((each) => ({
            name: each.destination,
            value: each.error ? (
              <Tag tone="bad">{each.error}</Tag>
            ) : each.behind === 0 ? (
              "Nothing waits"
            ) : (
              `${each.behind} entries wait, the oldest for ${Math.round(each.lagSeconds)} s`
            ),
          }))}
        />
      </Section>
    </div>
  );
}

function Download({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="xs" variant="default" leftSection={<IconDownload size={14} />} onClick={onClick}>
      {label}
    </Button>
  );
}
