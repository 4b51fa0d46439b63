// Which events, and of which stores.

import { MultiSelect, Radio, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { eventWords } from "../events/words.ts";
import { useWords } from "../i18n.ts";
import { useStores } from "../queries.ts";
import type { Draft } from "./draft.ts";
import { useTypeName } from "./what.tsx";
import { webhookWords } from "./words.ts";

const types = Object.keys(eventWords.en).filter((word) => word.includes("."));

export function WantedFields({
  form,
  errors,
}: {
  readonly form: UseFormReturnType<Draft>;
  /** What the service found, by field. */
  readonly errors: Readonly<Record<string, string>>;
}) {
  const say = useWords(webhookWords);
  const typeName = useTypeName();
  const stores = useStores();
  const { isEveryType, isEveryStore } = form.values;
  const list = (name: "types" | "stores") => {
    const input = form.getInputProps(name);
    const error = input.error ?? errors[name];
    return { ...input, error, size: "md", searchable: true, hidePickedOptions: true } as const;
  };
  return (
    <>
      <Radio.Group
        label={say("whichEvents")}
        size="md"
        value={isEveryType ? "all" : "some"}
        onChange={(value) => form.setFieldValue("isEveryType", value === "all")}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={say("allTypes")} />
          <Radio value="some" label={say("someTypes")} />
        </Stack>
      </Radio.Group>
      {!isEveryType && (
        <MultiSelect
          {...list("types")}
          label={say("chooseTypes")}
          data={types.map((type) => ({ value: type, label: `${typeName(type)} (${type})` }))}
        />
      )}
      <Radio.Group
        label={say("whichStores")}
        size="md"
        value={isEveryStore ? "all" : "some"}
        onChange={(value) => form.setFieldValue("isEveryStore", value === "all")}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={say("allStores")} />
          <Radio value="some" label={say("someStores")} />
        </Stack>
      </Radio.Group>
      {!isEveryStore && (
        <MultiSelect
          {...list("stores")}
          label={say("chooseStores")}
          data={stores.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
        />
      )}
    </>
  );
}
