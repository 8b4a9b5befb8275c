/** Starts the application. */
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { createQueryClient } from "./data";
import { createAppRouter } from "./router";

const client = createQueryClient();
const router = createAppRouter(client);
const root = document.getElementById("root");

if (root) {
  createRoot(root).render(
    <StrictMode>
      <App router={router} client={client} />
    </StrictMode>,
  );
}
