/** What a person chose for all their machines, laid over what this machine remembers. */
import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";
import { api, call } from "@/api/client";
import type { Me } from "@/api/types";
import { chooseLocale, localeChoice } from "@/kit/locale";

export interface Preferences {
  theme?: "auto" | "light" | "dark";
  language?: string;
  timeZone?: string;
}

export function savePreferences(body: Preferences): Promise<Me> {
  return call(api.PATCH("/api/v1/me", { body }));
}

export function usePreferences(me: Me | undefined): void {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { theme, language, timeZone } = (me?.impersonator ? undefined : me?.preferences) ?? {};
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen on this page afterwards stands
  useEffect(() => {
    if (theme && theme !== colorScheme) setColorScheme(theme);
  }, [theme]);
  useEffect(() => {
    const here = localeChoice();
    const isOther = (language && language !== here.language) || (timeZone && timeZone !== here.timeZone);
    if (!isOther) return;
    chooseLocale({ ...here, ...(language ? { language } : {}), ...(timeZone ? { timeZone } : {}) });
    window.location.reload();
  }, [language, timeZone]);
}
