/** How long answers stay fresh, and what happens to failures nobody handles. */
import { MutationCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/errors";
import { failed } from "@/kit/notify";

const TRIES = 2;

export function createQueryClient({ retry = true }: { retry?: boolean } = {}): QueryClient {
  return new QueryClient({
    mutationCache: new MutationCache({
      onError: (error, _variables, _context, mutation) => {
        if (!mutation.options.onError) failed(error);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: "always",
        retry: retry ? (count, error) => isPassing(error) && count < TRIES : false,
      },
    },
  });
}

/** A refusal stays one; only a server in trouble or a lost connection is worth another try. */
function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 502;
}
