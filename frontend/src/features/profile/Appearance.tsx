/** How the application looks to this person: colours, language of dates and numbers, time zone. */
import { Group, SegmentedControl, Select, Stack, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery } from "@/features/session/queries";
import { Section } from "@/kit/Facts";
import {
  chooseLocale,
  LANGUAGES,
  type LocaleChoice,
  languageName,
  localeChoice,
  timeZones,
} from "@/kit/locale";
import { failed } from "@/kit/notify";
import { savePreferences } from "./preferences";

const SCHEMES = [
  { value: "auto", label: "Like the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export function Appearance() {
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [choice, setChoice] = useState(localeChoice);
  const machine = Intl.DateTimeFormat().resolvedOptions();

  async function choose(change: LocaleChoice) {
    const next = { ...choice, ...change };
    try {
      await savePreferences(next);
      setChoice(next);
      chooseLocale(next);
      window.location.reload();
    } catch (error) {
      failed(error);
    }
  }

  function paint(theme: "auto" | "light" | "dark") {
    setColorScheme(theme);
    savePreferences({ theme })
      .then((me) => client.setQueryData(meQuery.queryKey, me))
      .catch(failed);
  }

  return (
    <Section title="Appearance">
      <Stack gap="md">
        <SegmentedControl
          size="xs"
          aria-label="Theme"
          data={SCHEMES}
          value={colorScheme}
          onChange={(next) => paint(next as "auto" | "light" | "dark")}
        />
        <Group grow align="flex-start">
          <Select
            label="Language of dates and numbers"
            data={[...new Set([machine.locale, ...LANGUAGES])].map((tag) => ({
              value: tag,
              label: languageName(tag),
            }))}
            value={choice.language ?? machine.locale}
            onChange={(next) => next && choose({ language: next })}
            allowDeselect={false}
            searchable
          />
          <Select
            label="Time zone"
            data={timeZones()}
            limit={100}
            value={choice.timeZone ?? machine.timeZone}
            onChange={(next) => next && choose({ timeZone: next })}
            allowDeselect={false}
            searchable
          />
        </Group>
      </Stack>
    </Section>
  );
}
