import { expect, describe as group, it } from "vitest";
import { describe } from "./SyncDiff";

group("what differs of one person", () => {
  it("is said in a line", () => {
    const changed = {
      email: "ada@acme.test",
      before: { last_name: "Ant" },
      after: { last_name: "Love" },
      gained: { acme: ["data"] },
      lost: { acme: ["eng"] },
    };
    expect(describe(changed)).toBe("last name: Ant → Love, +data in acme, −eng in acme");
  });

  it("says who is back, who is let in without a group, and why somebody is left out", () => {
    expect(describe({ outcome: "return", gained: { acme: [] } })).toBe("is back, +acme");
    expect(describe({ reason: "the account is disabled" })).toBe("the account is disabled");
  });
});
