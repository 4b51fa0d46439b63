// Files into the service: chosen, looked at, imported, undone.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { isOnhandError } from "@onhand/client";
import { useState } from "react";
import { useWords } from "../i18n.ts";
import { type Choice, Choose } from "../import/choose.tsx";
import { Columns } from "../import/columns.tsx";
import { Counts } from "../import/counts.tsx";
import { ExportLinks } from "../import/export-links.tsx";
import { OnItsWay } from "../import/on-its-way.tsx";
import { Download, Result } from "../import/result.tsx";
import { Rows } from "../import/rows.tsx";
import { FaultError, type Run, useImport } from "../import/run.ts";
import { importWords } from "../import/words.ts";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";

const nothing: Choice = { kind: "stock", file: null, storeId: null, charset: undefined };

export function Import() {
  const say = useWords(importWords);
  const [choice, choose] = useState<Choice>(nothing);
  const [columns, setColumns] = useState<Readonly<Record<string, string>>>({});
  const { run, look, apply, undo, stop, again } = useImport();
  const { stage, error } = run;
  const { file } = choice;
  const wanted = file === null ? null : { ...choice, file, columns };
  const isBusy = error === null && /ing$/.test(stage) && stage !== "choosing";
  const names = namesIn(run);
  const isChoosing = !isBusy && (stage === "choosing" || stage === "looking" || stage === "looked");
  return (
    <>
      <PageHead title={say("title")} />
      <Stack>
        {isChoosing && (
          <Choose
            choice={choice}
            onChange={(next) => {
              choose(next);
              if (next.file !== file || next.kind !== choice.kind) setColumns({});
              again();
            }}
          />
        )}
        {isChoosing && names.length > 0 && (
          <Columns
            kind={choice.kind}
            names={names}
            chosen={{ ...run.begin?.columns, ...columns }}
            onChange={setColumns}
            isNeeded={run.begin === null}
          />
        )}
        {isChoosing && (
          <Group>
            <Button
              disabled={wanted === null}
              variant={stage === "looked" ? "default" : "filled"}
              onClick={() => wanted !== null && void look(wanted)}
            >
              {say(stage === "choosing" ? "look" : "lookAgain")}
            </Button>
          </Group>
        )}
        {stage === "choosing" && <ExportLinks />}
        {isBusy && <OnItsWay run={run} onStop={stop} />}
        {error !== null && <Broken run={run} />}
        {error !== null && stage === "applying" && wanted !== null && (
          <Group>
            <Text>{say("brokeOff")}</Text>
            <Button onClick={() => void apply(wanted)}>{say("goOn")}</Button>
          </Group>
        )}
        {stage === "looked" && wanted !== null && (
          <Preview run={run} onApply={() => void apply(wanted)} />
        )}
        {(stage === "done" || stage === "undone" || (stage === "undoing" && error !== null)) && (
          <Result
            run={run}
            onUndo={() => void undo()}
            onAnother={() => {
              choose({ ...choice, file: null });
              setColumns({});
              again();
            }}
          />
        )}
      </Stack>
    </>
  );
}

/** All columns of the file, once they are known. */
function namesIn({ begin, error }: Run): readonly string[] {
  if (begin !== null) return [...Object.values(begin.columns ?? {}), ...(begin.not_used ?? [])];
  return isOnhandError(error, "import_unreadable") ? (error.facts.columns ?? []) : [];
}

/** What the service says of a file is about its rows and columns, and has no better words here. */
function Broken({ run: { error } }: { readonly run: Run }) {
  const say = useWords(importWords);
  if (error instanceof DOMException && error.name === "AbortError") {
    return <Alert role="status">{say("stopped")}</Alert>;
  }
  const isOfFile = error instanceof FaultError || isOnhandError(error, "import_unreadable");
  if (!isOfFile) return <Refusal error={error} />;
  return (
    <Alert color="red" variant="light" role="alert" lang="en">
      {error.message}
    </Alert>
  );
}

function Preview({ run, onApply }: { readonly run: Run; readonly onApply: () => void }) {
  const say = useWords(importWords);
  const { tally, changes, refused, begin } = run;
  const { created = 0, changed = 0, same = 0, refused: not = 0 } = tally ?? {};
  const lines = [...changes, ...refused];
  const unused = begin?.not_used ?? [];
  return (
    <Stack>
      <Counts
        counts={[
          ["new", created],
          ["changed", changed],
          ["same", same],
          ["refused", not],
        ]}
      />
      {unused.length > 0 && <Text size="sm">{say("unused", { columns: unused.join(", ") })}</Text>}
      {lines.length === 0 ? <Text>{say("nothing")}</Text> : <Rows lines={lines} />}
      {created + changed + not > lines.length && <Text size="sm">{say("moreRows")}</Text>}
      <Group>
        {created + changed > 0 && (
          <Button onClick={onApply}>{say("apply", { count: created + changed })}</Button>
        )}
        <Download refused={refused} />
      </Group>
    </Stack>
  );
}
