import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { passwordProblem } from "@/features/session/password";
import { open, screen, waitFor } from "@/test/open";
import { requests, serve } from "@/test/server";
import { idFromName } from "./SetupPage";

describe("setting up", () => {
  it("shows what the instance uses, creates user and tenant, and signs in", async () => {
    serve("GET", "/api/v1/setup", {
      done: false,
      repositoryType: "postgres",
      queueType: "redis",
      storageType: "local",
      secretType: "database",
    });
    serve("POST", "/api/v1/setup", { id: "u1" });
    serve("POST", "/login", {});
    await open("/");
    const user = userEvent.setup();
    await screen.findByText("postgres");
    await user.type(screen.getByLabelText(/Your e-mail/), "olga@acme.test");
    const password = screen.getByLabelText(/Password/);
    await user.type(password, "short");
    expect(password.getAttribute("aria-invalid")).toBe("true");
    await user.clear(password);
    await user.type(password, "Correct-horse-1");
    expect(password.hasAttribute("aria-invalid")).toBe(false);
    await user.type(screen.getByLabelText(/Name of the first tenant/), "Acme Ltd.");
    await user.click(screen.getByRole("button", { name: /Create/ }));
    await waitFor(() => expect(requests("POST", "/login")).toHaveLength(1));
    expect(requests("POST", "/api/v1/setup")[0]?.json).toEqual({
      username: "olga@acme.test",
      password: "Correct-horse-1",
      tenant: { id: "acme-ltd", name: "Acme Ltd.", deleted: false },
    });
  });

  it.each([
    ["Acme Ltd.", "acme-ltd"],
    ["Züri 1", "zuri-1"],
    ["--", ""],
  ])("makes an id of %s", (name, id) => {
    expect(idFromName(name)).toBe(id);
  });

  it("names what a password lacks", () => {
    expect(passwordProblem("short", undefined)).toBe("At least 8 characters");
    expect(passwordProblem("longenough", { passwordMinDigits: 2 })).toBe("At least 2 digits");
    expect(passwordProblem("longenough12", { passwordMinDigits: 2 })).toBeUndefined();
    expect(passwordProblem("abcdefgh", { passwordRequireSpecial: true })).toMatch(/special/);
  });
});
