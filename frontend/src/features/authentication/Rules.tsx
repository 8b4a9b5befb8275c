/** Rules from claims to groups, one a line. */
import { ActionIcon, Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Owner, Rule } from "./queries";

const MATCHES = [
  { value: "equals", label: "is" },
  { value: "glob", label: "is like" },
  { value: "any", label: "has any value" },
];

interface RulesProps {
  owner: Owner;
  claim: string;
  rules: Rule[];
  onChange: (rules: Rule[]) => void;
}

export function Rules({ owner, claim, rules, onChange }: RulesProps) {
  const put = (at: number, change: Partial<Rule>) =>
    onChange(rules.map((rule, index) => (index === at ? { ...rule, ...change } : rule)));
  const add = () =>
    onChange([...rules, { claim, match: "equals", value: "", group: "", tenant: owner ? undefined : "" }]);
  return (
    <Stack gap="xs">
      {rules.map((rule, at) => (
        <Group key={at} gap="xs" wrap="nowrap" align="end">
          <TextInput
            label={at === 0 ? "Claim" : undefined}
            aria-label={`Claim of rule ${at + 1}`}
            value={rule.claim}
            onChange={(event) => put(at, { claim: event.currentTarget.value })}
          />
          <Select
            aria-label={`How rule ${at + 1} compares`}
            data={MATCHES}
            value={rule.match}
            allowDeselect={false}
            onChange={(match) => put(at, { match: match as Rule["match"] })}
          />
          {rule.match !== "any" && (
            <TextInput
              label={at === 0 ? "Value" : undefined}
              aria-label={`Value of rule ${at + 1}`}
              value={rule.value ?? ""}
              onChange={(event) => put(at, { value: event.currentTarget.value })}
            />
          )}
          {!owner && (
            <TextInput
              label={at === 0 ? "Tenant" : undefined}
              aria-label={`Tenant of rule ${at + 1}`}
              value={rule.tenant ?? ""}
              onChange={(event) => put(at, { tenant: event.currentTarget.value })}
            />
          )}
          <TextInput
            label={at === 0 ? "Group" : undefined}
            aria-label={`Group of rule ${at + 1}`}
            value={rule.group}
            onChange={(event) => put(at, { group: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={`Remove rule ${at + 1}`}
            onClick={() => onChange(rules.filter((_, index) => index !== at))}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={add}
        style={{ alignSelf: "start" }}
      >
        Add a rule
      </Button>
    </Stack>
  );
}
