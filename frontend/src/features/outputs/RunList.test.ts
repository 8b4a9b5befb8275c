import { describe, expect, it } from "vitest";
import { matching } from "./RunList";

describe("a search among task runs", () => {
  const runs = [
    { id: "1", taskId: "download", value: undefined },
    { id: "2", taskId: "report", value: "Books" },
    { id: "3", taskId: "report", value: "music" },
  ];
  it.each([
    ["", ["1", "2", "3"]],
    ["report books", ["2"]],
    [" MUSIC ", ["3"]],
    ["nothing", []],
  ])("for %j finds %j", (text, ids) => {
    expect(matching(runs, text).map(({ id }) => id)).toEqual(ids);
  });
});
