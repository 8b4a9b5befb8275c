/** The credentials of the whole tenant; those of a namespace are among what it keeps. */
import { Page } from "@/kit/Page";
import { Credentials } from "./Credentials";

export function CredentialsPage() {
  return (
    <Page name="Credentials" title="Credentials">
      <Credentials />
    </Page>
  );
}
