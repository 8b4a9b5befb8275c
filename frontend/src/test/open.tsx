/** Opens the application at an address, as a browser would. */
import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { App } from "@/App";
import { createQueryClient } from "@/data";
import { createAppRouter } from "@/router";

export { screen, waitFor, within } from "@testing-library/react";

export async function open(address: string) {
  const client = createQueryClient({ retry: false });
  const router = createAppRouter(client, createMemoryHistory({ initialEntries: [`/ui${address}`] }));
  const view = render(<App router={router} client={client} />);
  return { ...view, router, client };
}
