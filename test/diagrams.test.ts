// Every Mermaid diagram of the documents is one: of a known kind, each line of a known form, parts closed, and nobody
// speaks who was not named.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { documents, fencesIn } from "./support/documents.ts";
import { mistakesIn } from "./support/mermaid.ts";

const diagrams = documents().flatMap(({ path, text }) =>
  fencesIn(text)
    .filter(({ language }) => language === "mermaid")
    .map((fence, index) => ({ title: `${path}, diagram ${index + 1}`, text: fence.text })),
);

describe("the diagrams of the documents", () => {
  test("are there", () => assert.ok(diagrams.length >= 8));
  for (const { title, text } of diagrams) {
    test(title, () => assert.deepEqual(mistakesIn(text), []));
  }
});

describe("a diagram is refused", () => {
  const sequence = "sequenceDiagram\nparticipant A\nparticipant B as the other\nA->>B: asks\n";
  const wrong: readonly (readonly [title: string, text: string, mistake: RegExp])[] = [
    ["of an unknown kind", "flowcart LR\n  a --> b", /begins no diagram/],
    ["without a direction", "flowchart\n  a --> b", /begins no diagram/],
    [
      "with a bracket that is not closed",
      'flowchart LR\n  a["b" --> c',
      /is no line of a flowchart/,
    ],
    ["with a quote that is not closed", 'flowchart LR\n  a["b] --> c', /is no line of a flowchart/],
    ["with an arrow to nowhere", "flowchart LR\n  a -->", /is no line of a flowchart/],
    ["with a label that is not quoted", "flowchart LR\n  a[b (c)] --> d", /is no line of a flowch/],
    ["with a node named end", 'flowchart LR\n  a --> end["over"]', /has a reserved word/],
    [
      "with a part that is not closed",
      'flowchart LR\n  subgraph one["1"]\n  a --> b',
      /has no end/,
    ],
    ["with an end too many", `${sequence}end`, /an end of nothing/],
    ["with a branch of nothing", `${sequence}opt x\nelse y\nend`, /else without alt/],
    ["with a choice that is not closed", `${sequence}alt x\nA->>B: so`, /alt has no end/],
    ["with a message of a stranger", `${sequence}C->>B: hello`, /C is no participant/],
    ["with a message to a stranger", `${sequence}A-->>D: hello`, /D is no participant/],
    ["with a note over a stranger", `${sequence}Note over E: hm`, /E is no participant/],
    ["with a statement cut in two", `${sequence}A->>B: one; two`, /is no line of a sequence/],
    ["with an unknown state arrow", "stateDiagram-v2\n  A -> B", /is no line of a stateDiagram/],
  ];
  for (const [title, text, mistake] of wrong) {
    test(title, () => assert.match(mistakesIn(text).join(), mistake));
  }
  test("and one that is right is not", () => {
    const right = `${sequence}alt x\nB-->>A: so\nelse\nloop y\nA->>B: more\nend\nend\nNote over A,B: hm`;
    assert.deepEqual(mistakesIn(right), []);
    const parts = 'flowchart TD\nsubgraph one["1"]\na("b") -. "c" .-> d[("e")]\nend\nd --> a --> f';
    assert.deepEqual(mistakesIn(parts), []);
  });
});
