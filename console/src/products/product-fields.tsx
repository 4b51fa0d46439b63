import { Autocomplete, Group, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { language, useWords } from "../i18n.ts";
import { priceText } from "../price.ts";
import { type Draft, draftPrice } from "./draft.ts";
import { productWords } from "./words.ts";

export interface ProductFieldsProps {
  readonly form: UseFormReturnType<Draft>;
  /** What the service refused, by field. */
  readonly errors: Readonly<Record<string, string>>;
  readonly isNew: boolean;
  readonly categories: string[];
  readonly isReadOnly: boolean;
}

export function ProductFields(props: ProductFieldsProps) {
  const { form, errors, isNew, categories, isReadOnly: readOnly } = props;
  const say = useWords(productWords);
  const field = (name: keyof Draft) => {
    const input = form.getInputProps(name);
    return { ...input, readOnly, error: input.error ?? errors[name], size: "md" };
  };
  const price = field("price");
  return (
    <>
      <TextInput {...field("name")} label={say("name")} required maxLength={200} data-autofocus />
      <Group grow align="flex-start">
        <TextInput
          {...field("sku")}
          label={say("sku")}
          required
          maxLength={64}
          autoComplete="off"
        />
        <TextInput
          {...price}
          label={say("price")}
          required
          inputMode="decimal"
          autoComplete="off"
          className="numbers"
          onBlur={(event) => {
            price.onBlur(event);
            const value = draftPrice(form.values);
            if (value !== null) form.setFieldValue("price", priceText(value, language()));
          }}
        />
      </Group>
      <Autocomplete
        {...field("category")}
        label={say("category")}
        maxLength={100}
        data={categories}
      />
      <Textarea
        {...field("description")}
        label={say("description")}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={2_000}
      />
      {isNew && (
        <TextInput
          {...field("id")}
          label={say("id")}
          description={say("idHint")}
          maxLength={64}
          autoComplete="off"
        />
      )}
    </>
  );
}
