import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const HERE = "/api/v1/acme/namespaces/company";

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", `${HERE}/surroundings`, { variables: [], pluginDefaults: [] });
  serve("PUT", HERE);
});

describe("the storage of a namespace", () => {
  it("is chosen by its type and what that needs", async () => {
    serve("GET", HERE, { id: "company", description: "ours" });
    await open("/acme/namespaces/company/settings");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("combobox", { name: "Where files are kept" }));
    await user.click(await screen.findByRole("option", { name: "A bucket of S3", hidden: true }));
    await user.type(screen.getByRole("textbox", { name: /Configuration of the storage/ }), "bucket: files");
    const form = screen.getByRole("textbox", { name: /Configuration of the storage/ }).closest("form");
    await user.click(within(form as HTMLElement).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(requests("PUT", HERE)).toHaveLength(1));
    expect(requests("PUT", HERE)[0]?.json).toMatchObject({
      description: "ours",
      storageType: "s3",
      storageConfiguration: { bucket: "files" },
    });
  });

  it("stays with the reason when it is refused", async () => {
    const known = { storageType: "s3", storageConfiguration: { bucket: "files", secretKey: "******" } };
    serve("GET", HERE, { id: "company", ...known });
    serve("PUT", HERE, { message: "must be given again" }, 422);
    await open("/acme/namespaces/company/settings");
    const user = userEvent.setup();
    const text = await screen.findByRole("textbox", { name: /Configuration of the storage/ });
    expect((text as HTMLTextAreaElement).value).toContain("secretKey");
    const form = text.closest("form") as HTMLElement;
    await user.click(within(form).getByRole("button", { name: "Save" }));
    expect((await within(form).findByRole("alert")).textContent).toBe("must be given again");
    expect(requests("PUT", HERE)[0]?.json).toMatchObject(known);
  });
});
