// What can be done with a row, as far as the role may: adjust, count, transfer, reorder point.

import { Tabs, Text } from "@mantine/core";
import { useWords } from "../i18n.ts";
import { useMay } from "../session.tsx";
import type { OpenRow } from "./row-state.ts";
import { rowWords } from "./row-words.ts";
import { Adjust } from "./write-adjust.tsx";
import { Count } from "./write-count.tsx";
import { ReorderPoint } from "./write-reorder.tsx";
import { Transfer } from "./write-transfer.tsx";

const forms = [
  { name: "adjust", scope: "stock:write", form: Adjust },
  { name: "count", scope: "stock:write", form: Count },
  { name: "transfer", scope: "stock:transfer", form: Transfer },
  { name: "reorder", scope: "stock:threshold", form: ReorderPoint },
] as const;

export function RowWrites({ row }: { readonly row: OpenRow }) {
  const say = useWords(rowWords);
  const may = useMay();
  const offered = forms.filter(({ scope }) => may(scope, row.storeId));
  const [first] = offered;
  if (first === undefined) return <Text c="dimmed">{say("readOnly")}</Text>;
  return (
    <Tabs defaultValue={first.name}>
      <Tabs.List mb="sm">
        {offered.map(({ name }) => (
          <Tabs.Tab key={name} value={name} mih={44}>
            {say(name)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {offered.map(({ name, form: Form }) => (
        <Tabs.Panel key={name} value={name}>
          <Form row={row} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
