/** Where a button of a provider leads, and what its refusal means. */

export function providerUrl(loginUri: string, returnTo: string, hint = ""): string {
  const query = new URLSearchParams();
  if (returnTo !== "/") query.set("next", `/ui${returnTo}`);
  if (hint) query.set("hint", hint);
  return query.size > 0 ? `${loginUri}?${query}` : loginUri;
}

const PROBLEMS: Record<string, string> = {
  no_account: "You have no account here yet. Ask whoever governs it.",
  account_disabled: "Your account is disabled.",
  provider_unreachable: "The identity provider does not answer. Try again in a while.",
  sign_in_refused: "The identity provider's answer was not accepted. Try again.",
};

/** The words for an error that the sign-in came back with; its reference is what an administrator looks up. */
export function providerProblem(error?: string, reference?: string): string | undefined {
  if (!error) return undefined;
  const text = PROBLEMS[error] ?? "The sign-in did not work.";
  return reference && /^[\w-]{1,64}$/.test(reference) ? `${text} Reference: ${reference}` : text;
}
