// Why something was refused, in words, where the person is looking; read out when it appears.

import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useRefusal } from "../refusal.ts";

export function Refusal({ error }: { readonly error: unknown }) {
  const say = useRefusal();
  if (error === null || error === undefined) return null;
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle aria-hidden />}>
      {say(error)}
    </Alert>
  );
}
