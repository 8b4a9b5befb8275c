import { describe, expect, it } from "vitest";
import { closed, followed, NONE, opened, typed } from "./openFiles";

const three = ["/a", "/b", "/c"].reduce(opened, NONE);

describe("open files", () => {
  it("come to the front when they are opened, once each", () => {
    expect(opened(three, "/a")).toEqual({ paths: ["/a", "/b", "/c"], current: "/a", drafts: {} });
  });

  it("leave the front to the one beside them", () => {
    expect(closed(opened(three, "/b"), "/b")).toMatchObject({ paths: ["/a", "/c"], current: "/c" });
    expect(closed(three, "/c").current).toBe("/b");
    expect(closed(three, "/a").current).toBe("/c");
    expect(closed(opened(NONE, "/a"), "/a").current).toBeUndefined();
  });

  it("keep what was typed until it is what was saved", () => {
    const changed = typed(three, "/a", "new", "old");
    expect(changed.drafts).toEqual({ "/a": "new" });
    expect(typed(changed, "/a", "old", "old").drafts).toEqual({});
    expect(closed(changed, "/a").drafts).toEqual({});
  });

  it("follow what is renamed, with what was typed", () => {
    const changed = typed(opened(three, "/dir/x"), "/dir/x", "new", "old");
    expect(followed(changed, "/dir", "/other")).toEqual({
      paths: ["/a", "/b", "/c", "/other/x"],
      current: "/other/x",
      drafts: { "/other/x": "new" },
    });
  });
});
