import { expect, test } from "vitest";
import type { IntegrationCall } from "@/api/types";
import { outcome } from "./Calls";

const CALL: IntegrationCall = {
  id: "1",
  at: "2030-01-01T00:00:00Z",
  method: "PATCH",
  path: "/Users/1",
  status: 200,
  changed: [],
  milliseconds: 5,
  requestId: "r",
};

test("a call is told by what it changed", () => {
  expect(outcome({ ...CALL, method: "GET" })).toBe("read");
  expect(outcome(CALL)).toBe("nothing changed");
  const changed = ["USER", "TENANT_ACCESS", "USER"].map((resource) => ({ resource, id: "1", patch: [] }));
  expect(outcome({ ...CALL, changed })).toBe("user ×2, tenant access");
});
