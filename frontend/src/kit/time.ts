/** Points in time and spans as people read them. */
import { localeChoice } from "./locale";

const { language, timeZone } = localeChoice();

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(language, {
  timeZone,
  dateStyle: "medium",
  timeStyle: "medium",
});
const short = new Intl.DateTimeFormat(language, {
  timeZone,
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const clock = new Intl.DateTimeFormat(language, {
  timeZone,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

export function ago(date: string, now: number): string {
  const seconds = (Date.parse(date) - now) / 1000;
  if (Math.abs(seconds) < 5) return "just now";
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(Math.trunc(seconds), "second");
}

const zone = absolute.resolvedOptions().timeZone;

export function absoluteTime(date: string): string {
  return `${absolute.format(new Date(date))} (${zone})`;
}

/** For where there is little room: day and minute. */
export function shortTime(date: string | number): string {
  return short.format(new Date(date));
}

export function clockTime(date: string): string {
  return clock.format(new Date(date));
}

/** `820 ms`, `4.2 s`, `3m 20s`, `2h 05m`, `3d 4h`. */
export function spanText(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${pad(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

const PARTS = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of an ISO-8601 duration, or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = PARTS.exec(text);
  if (!match) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}
