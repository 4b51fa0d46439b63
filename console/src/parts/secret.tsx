// A secret that was just made: in this dialog only, and gone with it.

import { Alert, Button, CopyButton, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconCheck, IconCopy, IconEyeExclamation } from "@tabler/icons-react";
import { useWords, wordsOf } from "../i18n.ts";

const words = wordsOf(
  {
    secret: "Secret",
    copy: "Copy",
    copied: "Copied",
    copyFailed: "The browser does not let it be copied: select it and copy it by hand.",
    kept: "I have put it away",
  },
  {
    secret: "Secreto",
    copy: "Copiar",
    copied: "Copiado",
    copyFailed: "El navegador no permite copiarlo: selecciónelo y cópielo a mano.",
    kept: "Ya lo he guardado",
  },
);

export interface SecretProps {
  readonly title: string;
  /** What to do with it, and that it is not shown again. */
  readonly text: string;
  readonly secret: string;
  readonly close: () => void;
}

export function Secret({ title, text, secret, close }: SecretProps) {
  const say = useWords(words);
  // Browsers have a clipboard on secure addresses only.
  const canCopy = window.isSecureContext;
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      size="lg"
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack>
        <Alert color="orange" variant="light" icon={<IconEyeExclamation aria-hidden />}>
          {text}
        </Alert>
        <Group align="flex-end" gap="sm">
          <TextInput
            label={say("secret")}
            value={secret}
            readOnly
            size="md"
            flex="1 1 320px"
            onFocus={(event) => event.currentTarget.select()}
            styles={{ input: { fontFamily: "monospace" } }}
            data-autofocus
          />
          {canCopy && (
            <CopyButton value={secret} timeout={4_000}>
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
