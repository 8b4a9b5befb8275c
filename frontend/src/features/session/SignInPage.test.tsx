import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { open, screen } from "@/test/open";
import { requests, serve } from "@/test/server";
import { returnAddress } from "./SignInPage";

describe("signing in", () => {
  it("says so when the password is wrong and stays on the page", async () => {
    serve(
      "POST",
      "/login",
      { message: "Unauthorized: wrong name or password; 10 wrong ones close a name" },
      401,
    );
    await open("/sign-in?to=/main/flows");
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText(/User name/), "olga");
    await user.type(screen.getByLabelText(/Password/), "wrong");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect((await screen.findByRole("alert")).textContent).toContain("10 wrong ones close a name");
    expect(requests("POST", "/login")[0]?.json).toEqual({
      username: "olga",
      password: "wrong",
      tenant: "main",
    });
  });

  it.each([
    ["/main/executions?state=FAILED", "/main/executions?state=FAILED"],
    [undefined, "/"],
    ["//evil.example", "/"],
    ["https://evil.example", "/"],
    ["/sign-in?to=/x", "/"],
  ])("returns from %s to %s", (wanted, address) => {
    expect(returnAddress(wanted)).toBe(address);
  });
});
