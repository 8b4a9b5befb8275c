/** One kind of data: whether this place says anything of it, and its rules. */
import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { EffectiveRetention, RetentionKind, RetentionRule } from "@/api/types";
import { isTerminal, STATES } from "@/kit/states";
import { KINDS } from "./queries";
import { ageOf, daysOf, labelsOf, labelsText, rulesText } from "./rules";

const LEVELS = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
const ENDED = STATES.filter(isTerminal);
const OF_EXECUTIONS: RetentionKind[] = ["EXECUTIONS", "LOGS", "METRICS", "FILES"];
const USUAL_DAYS = 90;

interface KindFieldsProps {
  kind: RetentionKind;
  /** Absent where nothing is said here. */
  rules: RetentionRule[] | undefined;
  /** What holds when nothing is said here. */
  above: EffectiveRetention | undefined;
  onChange: (rules: RetentionRule[] | undefined) => void;
}

export function KindFields({ kind, rules, above, onChange }: KindFieldsProps) {
  const said = rules === undefined ? "above" : rules.length === 0 ? "keep" : "delete";
  const inherited = above
    ? `As above: ${rulesText(kind, above.rules)}, says ${above.namespace || "the tenant"}`
    : "Nothing is said: nothing is deleted";
  const choose = (next: string | null) => {
    if (next === "above") onChange(undefined);
    else onChange(next === "keep" ? [] : [{ olderThan: ageOf(USUAL_DAYS) }]);
  };
  return (
    <Stack gap="xs">
      <Select
        label={KINDS[kind]}
        allowDeselect={false}
        data={[
          { value: "above", label: inherited },
          { value: "keep", label: "Kept for ever" },
          { value: "delete", label: "Deleted when old" },
        ]}
        value={said}
        onChange={choose}
      />
      {rules?.map((rule, place) => (
        <RuleFields
          key={place}
          kind={kind}
          rule={rule}
          onChange={(next) => onChange(rules.map((each, other) => (other === place ? next : each)))}
          onDelete={() => onChange(rules.filter((_, other) => other !== place))}
        />
      ))}
      {rules && rules.length > 0 && OF_EXECUTIONS.includes(kind) && (
        <Group>
          <Button
            size="xs"
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange([...rules, { olderThan: ageOf(USUAL_DAYS) }])}
          >
            Another rule for {KINDS[kind].toLowerCase()}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

interface RuleFieldsProps {
  kind: RetentionKind;
  rule: RetentionRule;
  onChange: (rule: RetentionRule) => void;
  onDelete: () => void;
}

function RuleFields({ kind, rule, onChange, onDelete }: RuleFieldsProps) {
  const change = (part: Partial<RetentionRule>) => onChange({ ...rule, ...part });
  return (
    <Group align="flex-end" gap="sm" role="group" aria-label={`Rule for ${KINDS[kind]}`}>
      <NumberInput
        label="Older than (days)"
        placeholder={rule.olderThan}
        min={1}
        allowDecimal={false}
        w={150}
        value={daysOf(rule) ?? ""}
        onChange={(days) => change({ olderThan: ageOf(Number(days) || 1) })}
      />
      {OF_EXECUTIONS.includes(kind) && (
        <>
          <MultiSelect
            label="Only in states"
            placeholder={rule.states?.length ? undefined : "all ended ones"}
            data={ENDED}
            style={{ flex: 1, minWidth: 180 }}
            value={rule.states ?? []}
            onChange={(states) => change({ states: states.length > 0 ? states : undefined })}
          />
          <LabelsField labels={rule.labels} onChange={(labels) => change({ labels })} />
        </>
      )}
      {kind === "LOGS" && (
        <MultiSelect
          label="Only of levels"
          placeholder={rule.levels?.length ? undefined : "all"}
          data={LEVELS}
          style={{ flex: 1, minWidth: 160 }}
          value={rule.levels ?? []}
          onChange={(levels) => change({ levels: levels.length > 0 ? levels : undefined })}
        />
      )}
      {kind === "KV" && (
        <Checkbox
          label="Only pairs that have expired"
          pb={8}
          checked={rule.expiredOnly !== false}
          onChange={(event) => change({ expiredOnly: event.currentTarget.checked ? undefined : false })}
        />
      )}
      {kind === "NAMESPACE_FILES" && (
        <NumberInput
          label="Versions that stay"
          min={1}
          allowDecimal={false}
          w={150}
          value={rule.keepVersions ?? 1}
          onChange={(count) => change({ keepVersions: Number(count) || 1 })}
        />
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Delete the rule for ${KINDS[kind]}`}
        onClick={onDelete}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}

/** The text is the person's while they write it. */
function LabelsField({
  labels,
  onChange,
}: {
  labels: Record<string, string> | undefined;
  onChange: (labels: Record<string, string> | undefined) => void;
}) {
  const [text, setText] = useState(() => labelsText(labels));
  return (
    <TextInput
      label="Only with labels"
      placeholder="env:test, team:a"
      style={{ flex: 1, minWidth: 160 }}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        const said = labelsOf(event.currentTarget.value);
        onChange(Object.keys(said).length > 0 ? said : undefined);
      }}
    />
  );
}
