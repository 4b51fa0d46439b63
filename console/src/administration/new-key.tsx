// Makes a key, and then shows its secret, this once: by a button only, so that no stray key press loses it.

import { Alert, Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { type BodyOf, isOnhandError, type NewApiKey } from "@onhand/client";
import { useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { Refusal } from "../parts/refusal.tsx";
import { Secret } from "../parts/secret.tsx";
import { queries } from "../queries.ts";
import { fieldErrors } from "../refusal.ts";
import { endOfDay, today } from "./day.ts";
import { type Draft, RoleAndStores } from "./role-and-stores.tsx";
import { adminWords } from "./words.ts";

export function NewKey({ close }: { readonly close: () => void }) {
  const say = useWords(adminWords);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const form = useForm<Draft>({
    initialValues: { name: "", role: "vendor", isAll: false, stores: [], until: "" },
    validate: {
      name: (name) => (name.trim() === "" ? say("required") : null),
      stores: (stores, { isAll, role }) =>
        role === "admin" || isAll || stores.length > 0 ? null : say("chooseOne"),
      until: (until) => (until === "" || until >= today() ? null : say("past")),
    },
  });
  const act = useIntent(
    // Its answer holds the secret, so it is not kept under an idempotency key.
    (body: BodyOf<"createApiKey">) => client.keys.create(body),
    (key) => {
      setMade(key);
      void queries.invalidateQueries({ queryKey: ["keys"] });
    },
  );
  const atFields = fieldErrors(act.error);
  const mayExist = isOnhandError(act.error) && act.error.mayHaveHappened;
  const field = (name: "name" | "until", path: string) => {
    const input = form.getInputProps(name);
    return { ...input, error: input.error ?? atFields[path], size: "md" };
  };

  async function submit({ name, role, isAll, stores, until }: Draft): Promise<void> {
    const isDone = await act.run({
      name: name.trim(),
      role,
      stores: isAll || role === "admin" ? "*" : [...stores],
      ...(until === "" ? {} : { expires_at: endOfDay(until) }),
    });
    if (!isDone) void queries.invalidateQueries({ queryKey: ["keys"] });
  }

  if (made !== null) {
    const title = say("secretTitle", { name: made.name });
    return <Secret title={title} text={say("secretText")} secret={made.key} close={close} />;
  }
  return (
    <Modal
      opened
      onClose={close}
      title={say("createTitle")}
      size="lg"
      closeButtonProps={{ "aria-label": say("close"), size: 44 }}
      closeOnClickOutside={!form.isDirty()}
    >
      <form onSubmit={form.onSubmit((draft) => void submit(draft))} noValidate>
        <Stack>
          <TextInput
            {...field("name", "name")}
            label={say("name")}
            description={say("nameHint")}
            required
            maxLength={100}
            autoComplete="off"
            data-autofocus
          />
          <RoleAndStores form={form} error={atFields["stores"]} />
          <TextInput
            {...field("until", "expires_at")}
            type="date"
            label={say("expiry")}
            description={say("expiryHint")}
            min={today()}
          />
          {Object.keys(atFields).length === 0 && <Refusal error={act.error} />}
          {mayExist && <Alert color="orange">{say("maybe")}</Alert>}
          <Group justify="flex-end">
            <Button type="submit" size="md" loading={act.isRunning}>
              {say("doCreate")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
