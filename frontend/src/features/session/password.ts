/** Says what a password lacks, in the rules of the instance. */
import type { Setup } from "@/api/types";

type Rules = Partial<NonNullable<Setup["passwordConfiguration"]>>;

export function passwordProblem(password: string, rules: Rules | undefined): string | undefined {
  const least = rules?.passwordMinLength ?? 8;
  if (password.length < least) return `At least ${least} characters`;
  const needs: [number | undefined, RegExp, string][] = [
    [rules?.passwordMinDigits, /\d/g, "digits"],
    [rules?.passwordMinLowerCase, /\p{Ll}/gu, "small letters"],
    [rules?.passwordMinUpperCase, /\p{Lu}/gu, "capital letters"],
  ];
  for (const [count, pattern, what] of needs) {
    if (count && (password.match(pattern)?.length ?? 0) < count) return `At least ${count} ${what}`;
  }
  if (rules?.passwordRequireSpecial && /^[\p{L}\d]*$/u.test(password))
    return "At least one special character";
  return undefined;
}
