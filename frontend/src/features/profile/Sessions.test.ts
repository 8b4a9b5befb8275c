import { expect, it } from "vitest";
import { browserName } from "./Sessions";

it.each([
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/140.0 Safari/537.36",
    "Chrome on Linux",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge on Windows",
  ],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:1) Gecko/20100101 Firefox/130.0", "Firefox on macOS"],
  ["curl/8.5.0", "curl"],
  [undefined, "Unknown"],
])("%s is %s", (agent, name) => {
  expect(browserName(agent)).toBe(name);
});
