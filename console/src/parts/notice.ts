// What was done, said in the corner for a moment.

import { notifications } from "@mantine/notifications";
import { language } from "../i18n.ts";

const close = { en: "Close", es: "Cerrar" } as const;

export function sayDone(message: string): void {
  notifications.show({
    message,
    color: "teal",
    withBorder: true,
    closeButtonProps: { "aria-label": close[language()] },
  });
}
