/** Short messages in the corner: what was done, and what failed with the reference to quote. */
import { notifications } from "@mantine/notifications";
import { isStatus, messageOf, referenceOf } from "@/api/errors";

export function done(message: string): void {
  notifications.show({ message, color: "green", autoClose: 3500, withBorder: true });
}

export function failed(error: unknown, title = "That did not work"): void {
  if (isStatus(error, 401)) return;
  const reference = referenceOf(error);
  const message = reference ? `${messageOf(error)} (reference ${reference})` : messageOf(error);
  notifications.show({ title, message, color: "red", autoClose: 10_000, withBorder: true });
}
