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

/** After an upgrade the parts that an open page has yet to load are gone: it starts over, once. */
window.addEventListener("vite:preloadError", (event) => {
  const last = Number(sessionStorage.getItem("orrery.reloaded") ?? 0);
  if (Date.now() - last < 10_000) return;
  event.preventDefault();
  sessionStorage.setItem("orrery.reloaded", String(Date.now()));
  window.location.reload();
});

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
