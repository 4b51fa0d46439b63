// What was done, said in the corner for a moment.

import { notifications } from "@mantine/notifications";

export function sayDone(message: string): void {
  notifications.show({ message, color: "teal", withBorder: true });
}
