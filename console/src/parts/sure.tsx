// Asks before something is done that is not easily undone. It says what will happen, and stays open with the reason
// where that is refused.

import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords, wordsOf } from "../i18n.ts";
import { Refusal } from "./refusal.tsx";

const words = wordsOf({ no: "Do nothing" }, { no: "No hacer nada" });

export interface SureProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly close: () => void;
  readonly children: ReactNode;
  /** What the button says: the deed itself, never "OK". */
  readonly deed: string;
  readonly isDangerous?: boolean;
  readonly isRunning: boolean;
  readonly error: unknown;
  readonly run: () => void;
}

export function Sure({ isDangerous = false, ...props }: SureProps) {
  const say = useWords(words);
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.close}
      title={props.title}
      centered
      closeButtonProps={{ "aria-label": say("no"), size: 44 }}
    >
      <Stack>
        {props.children}
        <Refusal error={props.error} />
        <Group justify="flex-end">
          <Button variant="default" size="md" onClick={props.close} data-autofocus>
            {say("no")}
          </Button>
          <Button
            size="md"
            color={isDangerous ? "red" : "teal"}
            loading={props.isRunning}
            onClick={props.run}
          >
            {props.deed}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
