import { afterEach, describe, expect, it } from "vitest";
import { chooseLocale, languageName, localeChoice } from "./locale";

afterEach(() => localStorage.clear());

describe("the choice of language and time zone", () => {
  it("is kept, and is the browser's while there is none", () => {
    expect(localeChoice()).toEqual({});
    chooseLocale({ language: "de", timeZone: "Asia/Tokyo" });
    expect(localeChoice()).toEqual({ language: "de", timeZone: "Asia/Tokyo" });
    chooseLocale({ timeZone: "UTC" });
    expect(localeChoice()).toEqual({ timeZone: "UTC" });
  });

  it("passes over a zone that no browser knows", () => {
    chooseLocale({ language: "fr", timeZone: "Mars/Olympus" });
    expect(localeChoice()).toEqual({ language: "fr" });
  });

  it("names languages in themselves", () => {
    expect(languageName("de")).toBe("Deutsch");
  });
});
