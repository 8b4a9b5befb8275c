import { expect, it } from "vitest";
import { wanted } from "./BindDialog";

const choice = (value: string) => ({ value, label: value });

it("gives each role in each namespace, or once in the whole tenant", () => {
  expect(wanted("group", choice("g"), [choice("r1"), choice("r2")], [choice("a"), choice("b")])).toHaveLength(
    4,
  );
  expect(wanted("account", choice("s"), [choice("r")], [])).toEqual([
    { type: "USER", externalId: "s", roleId: "r" },
  ]);
});
