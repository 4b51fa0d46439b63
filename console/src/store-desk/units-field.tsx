// How many: by the number pad with a finger, by the keyboard without one, or by scanning the product again for one more.
// The tablet's own keyboard stays away.

import { ActionIcon, Button, Group, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { IconBackspace, IconMinus, IconPlus } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useRef } from "react";
import { useWords } from "../i18n.ts";
import { useScans } from "./scan.ts";
import { deskWords } from "./words.ts";

export const unitsMax = 1_000_000_000;
const longest = String(unitsMax).length;
const digits = ["7", "8", "9", "4", "5", "6", "1", "2", "3", "0", "00"] as const;

/** null: nothing was typed. */
export const unitsIn = (text: string): number | null => (text === "" ? null : Number(text));

export interface UnitsFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
  /** Scanned once more, it is one more. */
  readonly sku: string;
  /** Whether the keyboard begins here. */
  readonly takesFocus: boolean;
}

export function UnitsField({ label, value, onChange, error, sku, takesFocus }: UnitsFieldProps) {
  const say = useWords(deskWords);
  // The first digit replaces what stood there by itself.
  const isFresh = useRef(true);
  const calm = useRef({ value, at: 0 });
  // No number has letters: what has them is a code, and its Enter books nothing, however slowly it was read.
  const isStrange = useRef(false);
  const field = useRef<HTMLInputElement>(null);
  const focus = useEffectEvent(() => {
    if (takesFocus) field.current?.focus();
  });
  // The dialog around has looked for what is to have the focus before this was there.
  useEffect(() => focus(), []);
  function change(next: string): void {
    const at = performance.now();
    // What a scanner types into the field is taken back when its code is known.
    if (at - calm.current.at > 500) calm.current = { value, at };
    else calm.current = { ...calm.current, at };
    isFresh.current = false;
    isStrange.current ||= /\D/.test(next);
    onChange(
      next
        .replace(/\D/g, "")
        .replace(/^0+(?=\d)/, "")
        .slice(0, longest),
    );
  }
  const step = (by: number): void => {
    change(String(Math.min(unitsMax, Math.max(0, (unitsIn(value) ?? 0) + by))));
  };
  useScans((code) => {
    isStrange.current = false;
    const isSame = code.toLowerCase() === sku.toLowerCase();
    const before = performance.now() - calm.current.at < 1_000 ? calm.current.value : value;
    if (isSame) onChange(String((unitsIn(before) ?? 0) + 1));
    else onChange(before);
  });
  return (
    <Stack gap="sm">
      <Group align="flex-end" wrap="nowrap" gap="sm">
        <ActionIcon variant="default" size={60} aria-label={say("less")} onClick={() => step(-1)}>
          <IconMinus aria-hidden />
        </ActionIcon>
        <TextInput
          ref={field}
          flex={1}
          label={label}
          value={value}
          onChange={(event) => change(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          onKeyDown={(event) => {
            if (event.key === "Enter" && isStrange.current) {
              event.preventDefault();
              isStrange.current = false;
              onChange(calm.current.value);
            }
            if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
            event.preventDefault();
            step(event.key === "ArrowUp" ? 1 : -1);
          }}
          error={error}
          inputMode="none"
          autoComplete="off"
          data-autofocus
          data-scan
          className="numbers"
          styles={{ input: { height: 60, fontSize: "1.75rem", textAlign: "center" } }}
        />
        <ActionIcon variant="default" size={60} aria-label={say("more")} onClick={() => step(1)}>
          <IconPlus aria-hidden />
        </ActionIcon>
      </Group>
      <SimpleGrid cols={3} spacing="xs" role="group" aria-label={say("pad")}>
        {digits.map((digit) => (
          <Button
            key={digit}
            variant="default"
            h={60}
            fz="1.5rem"
            aria-label={say("digit", { digit })}
            onClick={() => change(isFresh.current ? digit : value + digit)}
          >
            {digit}
          </Button>
        ))}
        <Button
          variant="default"
          h={60}
          aria-label={say("erase")}
          onClick={() => change(value.slice(0, -1))}
        >
          <IconBackspace aria-hidden />
        </Button>
      </SimpleGrid>
    </Stack>
  );
}
