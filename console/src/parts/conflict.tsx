// Somebody else was quicker: what the form says and what is stored now, side by side where they differ. The person
// chooses; nothing of either is lost before that.

import { Alert, Button, Group, Stack, Table, Text } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import { useWords, wordsOf } from "../i18n.ts";

const words = wordsOf(
  {
    title: "Somebody else has changed this meanwhile",
    field: "Field",
    yours: "Yours",
    stored: "Stored now",
    same: "What is stored now is what you wanted too.",
    keep: "Save mine over it",
    take: "Take what is stored",
    nothing: "(empty)",
  },
  {
    title: "Otra persona lo ha cambiado mientras tanto",
    field: "Campo",
    yours: "Lo suyo",
    stored: "Guardado ahora",
    same: "Lo guardado ahora coincide con lo que usted quería.",
    keep: "Guardar lo mío encima",
    take: "Tomar lo guardado",
    nothing: "(vacío)",
  },
);

export interface Difference {
  readonly field: string;
  readonly yours: string;
  readonly stored: string;
}

export function Conflict({
  differences,
  keep,
  take,
  isRunning,
}: {
  readonly differences: readonly Difference[];
  readonly keep: () => void;
  readonly take: () => void;
  readonly isRunning: boolean;
}) {
  const say = useWords(words);
  const shown = (text: string): string => (text === "" ? say("nothing") : text);
  return (
    <Alert
      color="orange"
      variant="light"
      role="alert"
      icon={<IconGitMerge aria-hidden />}
      title={say("title")}
    >
      <Stack gap="sm">
        {differences.length === 0 ? (
          <Text size="sm">{say("same")}</Text>
        ) : (
          <Table withRowBorders={false}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say("field")}</Table.Th>
                <Table.Th>{say("yours")}</Table.Th>
                <Table.Th>{say("stored")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {differences.map(({ field, yours, stored }) => (
                <Table.Tr key={field}>
                  <Table.Th scope="row">{field}</Table.Th>
                  <Table.Td>{shown(yours)}</Table.Td>
                  <Table.Td>{shown(stored)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Group gap="sm">
          <Button size="sm" onClick={keep} loading={isRunning}>
            {say("keep")}
          </Button>
          <Button size="sm" variant="default" onClick={take}>
            {say("take")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
