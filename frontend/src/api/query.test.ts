import { describe, expect, it } from "vitest";
import { filtersToSearch, querySerializer } from "./query";

const read = (text: string) => [...new URLSearchParams(text)];

describe("the query of a request", () => {
  it("writes text, list and map filters in the form of the contract", () => {
    const search = filtersToSearch([
      { field: "namespace", operation: "PREFIX", value: "company.sales" },
      { field: "state", operation: "IN", value: ["FAILED", "KILLED"] },
      { field: "labels", operation: "EQUALS", value: { team: "sales" } },
    ]);
    expect(read(search)).toEqual([
      ["filters[namespace][PREFIX]", "company.sales"],
      ["filters[state][IN]", "FAILED,KILLED"],
      ["filters[labels][EQUALS][team]", "sales"],
    ]);
  });

  it("repeats lists and leaves out what is not set", () => {
    const search = querySerializer({ page: 2, sort: ["id:asc", "date:desc"], q: "", size: undefined });
    expect(read(search)).toEqual([
      ["page", "2"],
      ["sort", "id:asc"],
      ["sort", "date:desc"],
    ]);
  });
});
