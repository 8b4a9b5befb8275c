import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const origin = process.env.ORRERY_ORIGIN ?? "http://localhost:8080";
const proxied = { target: origin, changeOrigin: false, ws: true };

export default defineConfig({
  base: "/ui/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../control_plane/ui",
    emptyOutDir: true,
    target: "es2022",
    manifest: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      "/api": proxied,
      "/login": proxied,
      "/logout": proxied,
      "/ui/examples": proxied,
    },
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    testTimeout: 25_000,
  },
});
