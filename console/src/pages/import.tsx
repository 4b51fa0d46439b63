// Files into the service: chosen, looked at, imported, undone.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { isOnhandError } from "@onhand/client";
import { useState } from "react";
import { useWords } from "../i18n.ts";
import { type Choice, Choose } from "../import/choose.tsx";
import { Columns } from "../import/columns.tsx";
import { Counts } from "../import/counts.tsx";
import { ExportLinks } from "../import/export-links.tsx";
import { Known } from "../import/known.tsx";
import { OnItsWay } from "../import/on-its-way.tsx";
import { Download, Result, Undo, Unlisted } from "../import/result.tsx";
import { Rows } from "../import/rows.tsx";
import {
  again,
  apply,
  FaultError,
  goOn,
  isBusy,
  look,
  type Run,
  stop,
  undo,
  useImport,
} from "../import/run.ts";
import { importWords } from "../import/words.ts";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useSession } from "../session.tsx";

const noColumns: Readonly<Record<string, string>> = {};
const nothing: Choice = { kind: "stock", file: null, storeId: null, charset: undefined };

export function Import() {
  const say = useWords(importWords);
  const run = useImport();
  const { stage, error } = run;
  // Who comes back from another page finds what was chosen.
  const [choice, choose] = useState<Choice>(run.wanted ?? nothing);
  const [columns, setColumns] = useState(run.wanted?.columns ?? noColumns);
  const { actor } = useSession();
  const { file } = choice;
  const wanted = file === null ? null : { ...choice, file, columns };
  const isOnItsWay = isBusy(run);
  const names = namesIn(run);
  const isChoosing =
    !isOnItsWay && (stage === "choosing" || stage === "looking" || stage === "looked");
  function startAnew(): void {
    choose({ ...choice, file: null });
    setColumns(noColumns);
    again();
  }
  return (
    <>
      <PageHead title={say("title")} />
      <Stack>
        {isChoosing && (
          <Choose
            choice={choice}
            onChange={(next) => {
              choose(next);
              if (next.file !== file || next.kind !== choice.kind) setColumns(noColumns);
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
        {isOnItsWay && <OnItsWay run={run} onStop={stop} />}
        {error !== null && <Broken run={run} />}
        {error !== null && (stage === "applying" || stage === "undoing") && (
          <Group>
            <Text>{say("brokeOff")}</Text>
            {stage === "applying" && <Button onClick={() => void goOn()}>{say("goOn")}</Button>}
            <Undo label={say("undo")} onUndo={() => void undo()} />
            <Button variant="default" onClick={startAnew}>
              {say("another")}
            </Button>
          </Group>
        )}
        {stage === "looked" && run.wanted?.columns === columns && (
          <Preview run={run} onApply={() => void apply(actor)} />
        )}
        {(stage === "done" || stage === "undone") && (
          <Result run={run} onUndo={() => void undo()} onAnother={startAnew} />
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
  const { tally, changes, refused, begin, kept } = run;
  const { created, changed, same, refused: not } = tally;
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
      {created + changed > changes.length && <Text size="sm">{say("moreRows")}</Text>}
      <Unlisted run={run} />
      {kept !== null && (
        <Known
          kept={kept}
          onGoOn={() => void goOn()}
          onUndo={() => void undo()}
          onApply={onApply}
        />
      )}
      <Group>
        {kept === null && created + changed > 0 && (
          <Button onClick={onApply}>{say("apply", { count: created + changed })}</Button>
        )}
        <Download refused={refused} />
      </Group>
    </Stack>
  );
}
