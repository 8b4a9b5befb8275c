import { describe, expect, it } from "vitest";
import { crumbsOf, namespaceOf } from "./crumbs";

const labels = (path: string) => crumbsOf(path).map(({ label }) => label);

describe("the namespace of a page", () => {
  it.each([
    ["/main/flows/company.sales/orders/edit", "company.sales"],
    ["/main/namespaces/company", "company"],
    ["/main/flows/new", undefined],
    ["/main/flows", undefined],
    ["/main/executions/abc", undefined],
  ])("is read from %s", (path, expected) => {
    expect(namespaceOf(path)).toBe(expected);
  });
});

describe("breadcrumbs", () => {
  it.each([
    ["/main/flows", ["Flows"]],
    ["/main/flows/new", ["Flows", "New flow"]],
    ["/main/flows/company.sales/orders/edit", ["Flows", "company.sales", "orders"]],
    ["/main/executions/abc/logs", ["Executions", "abc"]],
    ["/main/audit", ["Audit log"]],
    ["/", []],
  ])("reads %s", (path, expected) => {
    expect(labels(path)).toEqual(expected);
  });

  it("leads from the namespace of a flow to the flows in it", () => {
    expect(crumbsOf("/main/flows/company.sales/orders")[1]?.to).toBe("/main/flows?namespace=company.sales");
  });

  it("finds an execution whose address names its flow", () => {
    const crumbs = crumbsOf("/acme/executions/company.sales/report/4xY/topology");
    expect(crumbs.map((crumb) => [crumb.label, crumb.to])).toEqual([
      ["Executions", "/acme/executions"],
      ["4xY", "/acme/executions/4xY"],
    ]);
  });
});
