// One store: opened anew or changed. What is wrong stands at its field; where somebody else was quicker, both are shown.

import { Button, Group, Modal, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { isOnhandError, type Store } from "@onhand/client";
import { useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { Conflict } from "../parts/conflict.tsx";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { queries } from "../queries.ts";
import { fieldErrors, useRefusal } from "../refusal.ts";
import { useSaving } from "../versioned.ts";
import { changesOf, type Draft, draftOf, fields, newStoreOf } from "./draft.ts";
import { storeWords } from "./words.ts";

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

export function StoreDialog({
  store,
  close,
}: {
  /** null: a new one. */
  readonly store: Store | null;
  readonly close: () => void;
}) {
  const say = useWords(storeWords);
  const sayRefusal = useRefusal();
  const [base, setBase] = useState(store);
  const form = useForm<Draft>({
    initialValues: draftOf(store),
    validate: {
      name: (name) => (name.trim() === "" ? say("required") : null),
      id: (id) => (id.trim() === "" || idPattern.test(id.trim()) ? null : say("idWrong")),
      email: (email) => (/^\s*$|^\S+@\S+$/.test(email) ? null : say("emailWrong")),
    },
  });
  const save = useSaving<Store, Draft>({
    async write(draft, version, idempotencyKey) {
      if (base === null || version === null) {
        return client.stores.create(newStoreOf(draft), { idempotencyKey });
      }
      const options = { idempotencyKey, ifVersion: version };
      return client.stores.change(base.id, changesOf(draft, base), options);
    },
    read: () => client.stores.get(base?.id ?? ""),
    done(saved) {
      void queries.invalidateQueries({ queryKey: ["stores"] });
      sayDone(say(base === null ? "created" : "saved", { name: saved.name }));
      close();
    },
  });
  const { stored } = save;
  const isTaken = isOnhandError(save.error, "id_taken");
  const atFields: Record<string, string> = isTaken
    ? { id: sayRefusal(save.error) }
    : fieldErrors(save.error);
  const field = (name: keyof Draft) => {
    const input = form.getInputProps(name);
    return { ...input, error: input.error ?? atFields[name], size: "md", maxLength: 200 };
  };

  function submit(version: number | null): void {
    if (base !== null && Object.keys(changesOf(form.values, base)).length === 0) close();
    else void save.run(form.values, version);
  }

  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={store === null ? say("create") : say("changeTitle", { name: store.name })}
      closeButtonProps={{ "aria-label": say("close"), size: 44 }}
      closeOnClickOutside={!form.isDirty()}
    >
      <form onSubmit={form.onSubmit(() => submit(base?.version ?? null))} noValidate>
        <Stack>
          <TextInput {...field("name")} label={say("name")} required data-autofocus />
          {store === null && (
            <TextInput
              {...field("id")}
              label={say("id")}
              description={say("idHint")}
              maxLength={64}
              autoComplete="off"
            />
          )}
          <TextInput {...field("address")} label={say("address")} />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput {...field("city")} label={say("city")} />
            <TextInput {...field("country")} label={say("country")} />
            <TextInput {...field("phone")} label={say("phone")} inputMode="tel" />
            <TextInput {...field("email")} label={say("email")} inputMode="email" />
          </SimpleGrid>
          {stored !== null && base !== null ? (
            <Conflict
              differences={differences(form.values, stored, base).map((one) => ({
                ...one,
                field: say(one.field),
              }))}
              isRunning={save.isRunning}
              keep={() => submit(stored.version)}
              take={() => {
                setBase(stored);
                form.setValues(draftOf(stored));
                save.forget();
              }}
            />
          ) : (
            <>
              {Object.keys(atFields).length === 0 && <Refusal error={save.error} />}
              <Group justify="flex-end">
                <Button type="submit" size="md" loading={save.isRunning}>
                  {say(store === null ? "doCreate" : "save")}
                </Button>
              </Group>
            </>
          )}
        </Stack>
      </form>
    </Modal>
  );
}

/** What the person has changed and is stored otherwise now. What others changed besides stays theirs. */
function differences(draft: Draft, stored: Store, base: Store) {
  const theirs = draftOf(stored);
  const changed = Object.keys(changesOf(draft, base));
  return fields
    .filter((field) => changed.includes(field) && draft[field].trim() !== theirs[field])
    .map((field) => ({ field, yours: draft[field], stored: theirs[field] }));
}
