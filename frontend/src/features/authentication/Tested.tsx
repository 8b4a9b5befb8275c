/** What the last tried sign-in showed: each claim, the rule that took it, and what would have been made. */
import { Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { isStatus } from "@/api/errors";
import { stringifyJson } from "@/api/json";
import { Facts, Section } from "@/kit/Facts";
import { Failure } from "@/kit/Notices";
import { When } from "@/kit/When";
import classes from "./Authentication.module.css";
import { Outcomes } from "./Outcomes";
import { type Owner, testQuery } from "./queries";

const OUTCOMES: Record<string, string> = {
  connected: "The directory answers, and knows people",
  known: "An account that is bound already would be signed in",
  link: "An account that is there would be linked",
  create: "A new account would be made",
  disabled: "The account is disabled: nobody would be signed in",
  refused: "Nobody would be signed in",
};

export function LastTest({ owner, id }: { owner: Owner; id: string }) {
  const query = useQuery(testQuery(owner, id));
  if (isStatus(query.error, 404)) return null;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return null;
  const { at, outcome, reason, subject, email, verified, claims, rules, steps } = query.data;
  return (
    <Section title="Last test">
      <Facts
        facts={[
          { name: "When", value: <When date={at} /> },
          { name: "Outcome", value: OUTCOMES[outcome] ?? outcome },
          reason ? { name: "Because", value: reason } : undefined,
          subject ? { name: "Subject", value: subject } : undefined,
          email
            ? { name: "Address", value: `${email} (${verified ? "verified" : "not verified"})` }
            : undefined,
        ]}
      />
      {steps && (
        <ol className={classes.outcomes} aria-label="Step by step">
          {steps.map(({ name, ok, text }) => (
            <li key={name}>
              <strong>{name}</strong>: {ok ? "" : "no: "}
              {text}
            </li>
          ))}
        </ol>
      )}
      {rules && <Outcomes rules={rules} />}
      {claims && (
        <Code block aria-label="Claims received">
          {stringifyJson(claims, 2)}
        </Code>
      )}
    </Section>
  );
}
