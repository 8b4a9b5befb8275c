/** Between an instant, as the API has it, and the local time without a zone that a field of the browser takes. */

/** Empty for nothing, and for what is no instant. */
export function localOf(instant: string): string {
  if (!instant) return "";
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "";
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

export function instantOf(local: string): string | undefined {
  return local ? new Date(local).toISOString() : undefined;
}
