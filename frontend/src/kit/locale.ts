/** In which language and time zone dates and numbers are written: the browser's, unless somebody chose another. */

const KEY = "orrery.locale";

export interface LocaleChoice {
  /** A BCP 47 tag such as `de`; undefined for the browser's. */
  language?: string;
  /** An IANA name such as `Europe/Berlin`; undefined for the machine's. */
  timeZone?: string;
}

export function localeChoice(): LocaleChoice {
  const [language, timeZone] = (localStorage.getItem(KEY) ?? "").split(" ");
  return { ...(language ? { language } : {}), ...(timeZone && isZone(timeZone) ? { timeZone } : {}) };
}

/** Formats are made once a page, so the page begins anew with the choice. */
export function chooseLocale({ language = "", timeZone = "" }: LocaleChoice): void {
  localStorage.setItem(KEY, `${language} ${timeZone}`);
}

/** The languages that dates and numbers are offered in. */
export const LANGUAGES = [
  "en-GB",
  "en-US",
  "de",
  "fr",
  "es",
  "it",
  "pt-BR",
  "nl",
  "pl",
  "ja",
  "ko",
  "zh-CN",
  "hi",
];

export function languageName(tag: string): string {
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
}

export function timeZones(): string[] {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set(["UTC", here, ...Intl.supportedValuesOf("timeZone")])];
}

function isZone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
