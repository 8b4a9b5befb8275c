import { expect, it } from "vitest";
import { addressesIn } from "./InviteDialog";

it("takes addresses apart however they were pasted, each once", () => {
  expect(addressesIn(["a@x.test, b@x.test;c@x.test\na@x.test", "d@x.test", ""])).toEqual([
    "a@x.test",
    "b@x.test",
    "c@x.test",
    "d@x.test",
  ]);
});
