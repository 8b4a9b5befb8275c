/** Rules as the form holds them, and in words. */
import type { RetentionKind, RetentionRule } from "@/api/types";
import { parseDuration } from "@/kit/time";

const DAY_MS = 86_400_000;

/** Undefined for an age that is written in other units. */
export function daysOf({ olderThan }: RetentionRule): number | undefined {
  const span = parseDuration(olderThan);
  return span === undefined || span % DAY_MS !== 0 ? undefined : span / DAY_MS;
}

export function ageOf(days: number): string {
  return `P${days}D`;
}

/** "env:test, team:a" */
export function labelsText(labels: Record<string, string> | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}:${value}`)
    .join(", ");
}

export function labelsOf(text: string): Record<string, string> {
  const pairs = text.split(",").map((each) => each.trim());
  return Object.fromEntries(
    pairs
      .filter((each) => each.includes(":"))
      .map((each) => [each.slice(0, each.indexOf(":")).trim(), each.slice(each.indexOf(":") + 1).trim()]),
  );
}

/** What a rule takes, as a person says it. */
export function ruleText(kind: RetentionKind, rule: RetentionRule): string {
  const age = ageText(rule);
  const parts = [rule.states?.length ? rule.states.join(", ") : "", rule.levels?.join(", ") ?? ""];
  parts.push(labelsText(rule.labels));
  if (kind === "NAMESPACE_FILES") parts.push(`but the newest ${rule.keepVersions ?? 1}`);
  if (kind === "KV" && rule.expiredOnly !== false) return `expired ${age} ago`;
  return [`older than ${age}`, ...parts.filter(Boolean)].join(", ");
}

function ageText(rule: RetentionRule): string {
  const days = daysOf(rule);
  return days === undefined ? rule.olderThan : `${days} ${days === 1 ? "day" : "days"}`;
}

export function rulesText(kind: RetentionKind, rules: RetentionRule[]): string {
  return rules.length === 0 ? "kept for ever" : rules.map((rule) => ruleText(kind, rule)).join("; or ");
}
