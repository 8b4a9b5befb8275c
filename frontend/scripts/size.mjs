// Fails when the first load of the built application transfers more than the budget (gzip, all it fetches before the editor opens).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 600;
const SHELL = ["index.html"];
const FIRST_ROUTES = [
  "src/features/shell/Shell.tsx",
  "src/features/flows/FlowsPage.tsx",
  "src/features/executions/ExecutionsPage.tsx",
];

const root = new URL("../../control_plane/ui/", import.meta.url);
const read = (name) => readFileSync(fileURLToPath(new URL(name, root)));
const manifest = JSON.parse(read(".vite/manifest.json"));

const files = new Set(SHELL);
function visit(key) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) visit(next);
}
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);
for (const route of FIRST_ROUTES) visit(route);
for (const asset of Object.values(manifest)) {
  if (/inter-latin-wght-normal.*woff2$/.test(asset.file)) files.add(asset.file);
}

const sized = [...files].map((name) => [
  name,
  /woff2$/.test(name) ? read(name).length : gzipSync(read(name)).length,
]);
sized.sort((a, b) => b[1] - a[1]);
for (const [name, bytes] of sized) console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${name}`);
const total = sized.reduce((sum, [, bytes]) => sum + bytes, 0) / 1000;
console.log(`${total.toFixed(1).padStart(8)} kB  first load, compressed (budget ${BUDGET_KB} kB)`);
if (total > BUDGET_KB) process.exit(1);
