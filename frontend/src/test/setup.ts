/** Browser parts that the kit needs and the test environment lacks. */
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// A busy machine renders late; what waits, waits for the sign and not for the clock.
configure({ asyncUtilTimeout: 8000 });

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal("ResizeObserver", NoObserver);
Object.defineProperty(window, "matchMedia", {
  value: (media: string) => ({
    media,
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
  }),
});
Object.defineProperty(document, "fonts", {
  value: { addEventListener: () => undefined, removeEventListener: () => undefined },
});
window.HTMLElement.prototype.scrollIntoView = () => undefined;
// Lists show the rows that have room.
Object.defineProperty(window.HTMLElement.prototype, "clientHeight", { get: () => 600 });
Object.defineProperty(window.HTMLElement.prototype, "clientWidth", { get: () => 1000 });
afterEach(cleanup);
