// Single rows of an import in the order of the file: what would change of each, or why it cannot be done.

import { Badge, ScrollArea, Table, Text } from "@mantine/core";
import type { ImportLine } from "@onhand/client";
import { formatNumber, useWords } from "../i18n.ts";
import { importWords, isRowWord, rowWords } from "./words.ts";

const shownMax = 200;

export function Rows({ lines }: { readonly lines: readonly ImportLine[] }) {
  const say = useWords(importWords);
  const sorted = lines.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0)).slice(0, shownMax);
  return (
    <>
      {lines.length > shownMax && <Text size="sm">{say("moreRows")}</Text>}
      <ScrollArea.Autosize
        mah="60vh"
        viewportProps={{ tabIndex: 0, "aria-label": say("whatChanges") }}
      >
        <Table stickyHeader striped>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("row")}</Table.Th>
              <Table.Th>{say("about")}</Table.Th>
              <Table.Th>{say("change")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map((line, at) => (
              // One row may have several lines, and the order never changes.
              // biome-ignore lint/suspicious/noArrayIndexKey: there is nothing else that is its own.
              <Table.Tr key={at}>
                <Table.Td className="numbers">{formatNumber(line.row ?? 0)}</Table.Td>
                <Table.Td>{line.about ?? ""}</Table.Td>
                <Table.Td>
                  {line.type === "refused" ? <Reason line={line} /> : <Difference line={line} />}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
    </>
  );
}

function Reason({ line: { code = "", reason } }: { readonly line: ImportLine }) {
  const sayRow = useWords(rowWords);
  return (
    <>
      <Badge color="red" variant="light" mr="xs">
        {isRowWord(code) ? sayRow(code) : code}
      </Badge>
      <Text span size="sm" lang="en">
        {reason}
      </Text>
    </>
  );
}

function Difference({ line: { change, fields = [] } }: { readonly line: ImportLine }) {
  const say = useWords(importWords);
  const sayRow = useWords(rowWords);
  const shown = (value: string | number | boolean | null): string => {
    if (value === null) return say("nothingValue");
    return typeof value === "number" ? formatNumber(value) : String(value);
  };
  const name = (field: string): string => (isRowWord(field) ? sayRow(field) : field);
  const isNew = change === "create";
  return (
    <>
      <Badge color={isNew ? "teal" : "blue"} variant="light" mr="xs">
        {say(isNew ? "new" : "changed")}
      </Badge>
      <Text span size="sm" className="numbers">
        {fields
          .map(({ field, before, after }) =>
            isNew
              ? `${name(field)} ${shown(after)}`
              : `${name(field)} ${shown(before)} → ${shown(after)}`,
          )
          .join(", ")}
      </Text>
    </>
  );
}
