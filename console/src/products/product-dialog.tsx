// One product: made, changed, archived. What is wrong stands at its field; where somebody else was quicker, both are
// shown and the person chooses.

import { Button, Group, Modal, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { isOnhandError, type Product } from "@onhand/client";
import { useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { Conflict } from "../parts/conflict.tsx";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { queries } from "../queries.ts";
import { fieldErrors, useRefusal } from "../refusal.ts";
import { useSaving } from "../versioned.ts";
import { Archive } from "./archive.tsx";
import { changesOf, type Draft, draftOf, draftPrice, fields, newProductOf } from "./draft.ts";
import { ProductFields } from "./product-fields.tsx";
import { productWords } from "./words.ts";

export interface ProductDialogProps {
  /** null: a new one. */
  readonly product: Product | null;
  readonly categories: string[];
  readonly mayChange: boolean;
  readonly close: () => void;
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

export function ProductDialog({ product, categories, mayChange, close }: ProductDialogProps) {
  const say = useWords(productWords);
  const [base, setBase] = useState(product);
  const [isArchiving, setArchiving] = useState(false);
  const needed = (text: string): string | null => (text.trim() === "" ? say("required") : null);
  const form = useForm<Draft>({
    initialValues: draftOf(product),
    validate: {
      id: (id) => (id.trim() === "" || idPattern.test(id.trim()) ? null : say("idWrong")),
      sku: needed,
      name: needed,
      price: (_text, draft) => (draftPrice(draft) === null ? say("priceWrong") : null),
    },
  });
  const save = useSaving<Product, Draft>({
    async write(draft, version, idempotencyKey) {
      if (base === null || version === null) {
        return client.products.create(newProductOf(draft), { idempotencyKey });
      }
      const options = { idempotencyKey, ifVersion: version };
      return client.products.change(base.id, changesOf(draft, base), options);
    },
    read: () => client.products.get(base?.id ?? ""),
    done(saved) {
      void queries.invalidateQueries({ queryKey: ["products"] });
      sayDone(say(base === null ? "created" : "saved", { name: saved.name }));
      close();
    },
  });
  const { stored } = save;
  const atFields = useFieldErrors(save.error);

  function submit(version: number | null): void {
    if (base !== null && Object.keys(changesOf(form.values, base)).length === 0) close();
    else void save.run(form.values, version);
  }

  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={product === null ? say("create") : say("changeTitle", { name: product.name })}
      closeButtonProps={{ "aria-label": say("close"), size: 44 }}
      closeOnClickOutside={!form.isDirty()}
    >
      <form onSubmit={form.onSubmit(() => submit(base?.version ?? null))} noValidate>
        <Stack>
          <ProductFields
            form={form}
            errors={atFields}
            isNew={product === null}
            categories={categories}
            isReadOnly={!mayChange}
          />
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
            Object.keys(atFields).length === 0 && <Refusal error={save.error} />
          )}
          {mayChange && (
            <Group justify="space-between">
              {product === null ? (
                <span />
              ) : (
                <Button variant="light" color="red" size="md" onClick={() => setArchiving(true)}>
                  {say("archive")}
                </Button>
              )}
              {stored === null && (
                <Button type="submit" size="md" loading={save.isRunning}>
                  {say(product === null ? "doCreate" : "save")}
                </Button>
              )}
            </Group>
          )}
        </Stack>
      </form>
      {base !== null && isArchiving && (
        <Archive product={base} back={() => setArchiving(false)} done={close} />
      )}
    </Modal>
  );
}

/** What the person has changed and is stored otherwise now. What others changed besides stays theirs. */
function differences(draft: Draft, stored: Product, base: Product) {
  const theirs = draftOf(stored);
  const changed = Object.keys(changesOf(draft, base));
  return fields
    .filter((field) => changed.includes(field) && draft[field].trim() !== theirs[field])
    .map((field) => ({ field, yours: draft[field], stored: theirs[field] }));
}

function useFieldErrors(error: unknown): Readonly<Record<string, string>> {
  const sayRefusal = useRefusal();
  if (isOnhandError(error, "sku_taken")) return { sku: sayRefusal(error) };
  if (isOnhandError(error, "id_taken")) return { id: sayRefusal(error) };
  return fieldErrors(error);
}
