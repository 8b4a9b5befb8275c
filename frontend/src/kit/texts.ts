/** Texts that no database and no file keeps: said before they are sent. */

export function textProblem(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(textProblem).find(Boolean);
  if (typeof value !== "string") return undefined;
  if (value.includes("\0")) return "It holds a NUL character, which cannot be kept.";
  return /\p{Surrogate}/u.test(value) ? "It holds half a character, which cannot be kept." : undefined;
}
