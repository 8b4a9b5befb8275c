import { describe, expect, it } from "vitest";
import { ancestorsOf, inFolder, isBelow, moved, nameOf, nameProblem, parentOf } from "./paths";

describe("paths", () => {
  it("are taken apart and put together", () => {
    expect([nameOf("/a/b.txt"), parentOf("/a/b.txt"), parentOf("/b.txt")]).toEqual(["b.txt", "/a", "/"]);
    expect([inFolder("/", "b"), inFolder("/a", "b")]).toEqual(["/b", "/a/b"]);
    expect(ancestorsOf("/a/b/c.txt")).toEqual(["/a", "/a/b"]);
    expect(ancestorsOf("/c.txt")).toEqual([]);
  });

  it("know what lies in a folder", () => {
    expect([isBelow("/a/b", "/a"), isBelow("/ab", "/a"), isBelow("/a", "/a"), isBelow("/x", "/")]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it("follow what has moved", () => {
    expect(moved("/a/b.txt", "/a", "/x/y")).toBe("/x/y/b.txt");
    expect(moved("/a.txt", "/a.txt", "/b.txt")).toBe("/b.txt");
    expect(moved("/ab.txt", "/a", "/x")).toBe("/ab.txt");
  });

  it("have names that can be names", () => {
    expect(nameProblem("a.txt")).toBeUndefined();
    expect(nameProblem("a/b.txt", true)).toBeUndefined();
    for (const name of ["", "..", "a/b", "a\\b", " a", "a."]) expect(nameProblem(name)).toBeDefined();
    expect(nameProblem("a//b", true)).toBeDefined();
  });
});
