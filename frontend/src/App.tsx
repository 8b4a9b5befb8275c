/** The providers around every page. */
import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { nonce } from "./nonce";
import type { createAppRouter } from "./router";
import { theme, variables } from "./theme";

interface AppProps {
  router: ReturnType<typeof createAppRouter>;
  client: QueryClient;
}

export function App({ router, client }: AppProps) {
  return (
    <QueryClientProvider client={client}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <ModalsProvider>
          <RouterProvider router={router} />
        </ModalsProvider>
        <Notifications position="bottom-right" limit={4} />
      </MantineProvider>
    </QueryClientProvider>
  );
}
