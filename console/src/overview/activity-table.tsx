// The chart in numbers, by the minute, newest first.

import { ScrollArea, Table } from "@mantine/core";
import { formatClock, formatNumber, useWords } from "../i18n.ts";
import { type Step, sumOf } from "./activity.ts";
import { overviewWords } from "./words.ts";

interface Props {
  readonly steps: readonly Step[];
  readonly height: number;
}

export function ActivityTable({ steps, height }: Props) {
  const say = useWords(overviewWords);
  const minutes = [...Map.groupBy(steps, ({ at }) => Math.floor(at / 60_000))].reverse();
  return (
    <ScrollArea h={height} type="auto" viewportProps={{ tabIndex: 0 }}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{say("minute")}</Table.Th>
            <Table.Th scope="col" ta="right">
              {say("reservations")}
            </Table.Th>
            <Table.Th scope="col" ta="right">
              {say("changes")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="numbers">
          {minutes.map(([minute, its]) => (
            <Table.Tr key={minute}>
              <Table.Th scope="row" fw={400}>
                {formatClock(minute * 60_000)}
              </Table.Th>
              <Table.Td ta="right">{formatNumber(sumOf(its, "reservations"))}</Table.Td>
              <Table.Td ta="right">{formatNumber(sumOf(its, "changes"))}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
