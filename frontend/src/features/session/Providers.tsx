/** A button for each provider that somebody may sign in with. */
import { Button } from "@mantine/core";
import { IconBuilding } from "@tabler/icons-react";
import type { SignInMethods } from "@/api/types";
import { providerUrl } from "./signInAddresses";

type SignInButton = SignInMethods["providers"][number];

export function Providers({ buttons, returnTo }: { buttons: SignInButton[]; returnTo: string }) {
  return buttons.map(({ loginUri, title }) => (
    <Button
      key={loginUri}
      component="a"
      href={providerUrl(loginUri, returnTo)}
      variant="default"
      size="sm"
      leftSection={<IconBuilding size={16} />}
      fullWidth
    >
      Sign in with {title}
    </Button>
  ));
}
