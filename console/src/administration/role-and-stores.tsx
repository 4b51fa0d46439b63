// What a key may do, and where.

import { MultiSelect, Radio, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { Role } from "@onhand/client";
import { useWords } from "../i18n.ts";
import { useStores } from "../queries.ts";
import { adminWords } from "./words.ts";

export interface Draft {
  readonly name: string;
  readonly role: Role;
  readonly isAll: boolean;
  readonly stores: string[];
  /** A day, or nothing. */
  readonly until: string;
}

const roles = ["vendor", "manager", "channel", "customer", "admin"] as const;

export function RoleAndStores({
  form,
  error,
}: {
  readonly form: UseFormReturnType<Draft>;
  readonly error: string | undefined;
}) {
  const say = useWords(adminWords);
  const stores = useStores();
  const { role, isAll } = form.values;
  const input = form.getInputProps("stores");
  return (
    <>
      <Radio.Group label={say("role")} size="md" {...form.getInputProps("role")}>
        <Stack gap="xs" mt="xs">
          {roles.map((one) => (
            <Radio key={one} value={one} label={say(one)} description={say(`${one}May`)} />
          ))}
        </Stack>
      </Radio.Group>
      {role !== "admin" && (
        <>
          <Radio.Group
            label={say("which")}
            size="md"
            value={isAll ? "all" : "some"}
            onChange={(value) => form.setFieldValue("isAll", value === "all")}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="some" label={say("some")} />
              <Radio value="all" label={say("all")} />
            </Stack>
          </Radio.Group>
          {!isAll && (
            <MultiSelect
              {...input}
              error={input.error ?? error}
              size="md"
              label={say("choose")}
              data={stores.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
              searchable
              hidePickedOptions
            />
          )}
        </>
      )}
    </>
  );
}
