// A new key's secret: in this dialog only, and gone with it.

import { Alert, Button, CopyButton, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import type { NewApiKey } from "@onhand/client";
import { IconCheck, IconCopy, IconEyeExclamation } from "@tabler/icons-react";
import { useWords } from "../i18n.ts";
import { adminWords } from "./words.ts";

export function Secret({
  made: { name, key },
  close,
}: {
  readonly made: NewApiKey;
  readonly close: () => void;
}) {
  const say = useWords(adminWords);
  // Browsers have a clipboard on secure addresses only.
  const canCopy = window.isSecureContext;
  return (
    <Modal
      opened
      onClose={close}
      title={say("secretTitle", { name })}
      size="lg"
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack>
        <Alert color="orange" variant="light" icon={<IconEyeExclamation aria-hidden />}>
          {say("secretText")}
        </Alert>
        <Group align="flex-end" gap="sm">
          <TextInput
            label={say("secret")}
            value={key}
            readOnly
            size="md"
            flex="1 1 320px"
            onFocus={(event) => event.currentTarget.select()}
            styles={{ input: { fontFamily: "monospace" } }}
            data-autofocus
          />
          {canCopy && (
            <CopyButton value={key} timeout={4_000}>
              {({ copied, copy }) => (
                <Button
                  size="md"
                  variant={copied ? "filled" : "light"}
                  leftSection={
                    copied ? (
                      <IconCheck size={20} aria-hidden />
                    ) : (
                      <IconCopy size={20} aria-hidden />
                    )
                  }
                  onClick={copy}
                >
                  {say(copied ? "copied" : "copy")}
                </Button>
              )}
            </CopyButton>
          )}
        </Group>
        {!canCopy && <Text size="sm">{say("copyFailed")}</Text>}
        <Group justify="flex-end">
          <Button size="md" variant="default" onClick={close}>
            {say("kept")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
