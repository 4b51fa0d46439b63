// What is wrong with a Mermaid diagram, by the few forms in which diagrams are written here: whatever line is of none of
// them is refused. The real parser comes with a browser's worth of packages, and an unknown form is a mistake sooner.

const id = String.raw`\w+`;
const label = '"[^"]+"';
const box = String.raw`(?:\[${label}\]|\(${label}\)|\[\(${label}\)\]|\{${label}\})`;
const node = `${id}${box}?`;
const arrow = `(?:-->|---|-\\.->|==>|-- ${label} -->|-\\. ${label} \\.->|== ${label} ==>)`;
const state = String.raw`(?:\[\*\]|${id})`;

const forms: Readonly<Record<string, readonly RegExp[]>> = {
  flowchart: [
    new RegExp(`^${node}(?: ${arrow} ${node})*$`),
    new RegExp(`^subgraph ${id}(?:\\[${label}\\])?$`),
    /^end$/,
    /^direction (?:LR|RL|TB|TD|BT)$/,
  ],
  sequenceDiagram: [
    /^(?:participant|actor) (\w+)(?: as [^;]+)?$/,
    /^\w+(?:->|-->|->>|-->>|-x|--x|-\)|--\))[+-]?\w+: [^;]+$/,
    /^Note (?:over|left of|right of) \w+(?:,\w+)?: [^;]+$/,
    /^(?:alt|opt|loop|par|critical|break|else|and|option)(?: [^;]+)?$/,
    /^(?:activate|deactivate) \w+$/,
    /^(?:end|autonumber)$/,
  ],
  "stateDiagram-v2": [
    new RegExp(`^${state} --> ${state}(?:: .+)?$`),
    /^direction (?:LR|RL|TB|BT)$/,
    new RegExp(`^state ${label} as ${id}$`),
  ],
};

/** Words that open a part, which `end` closes, and words that may only stand in one. */
const opens = /^(?:subgraph|alt|opt|loop|par|critical|break)\b/;
const within: Readonly<Record<string, string>> = { else: "alt", and: "par", option: "critical" };
/** As the id of a node, each of them ends a statement or begins another. */
const reserved = /(?:^|[\s>])(?:end|default|graph|style|class|click|subgraph)(?=[[({]|\s*$| -)/;

export function mistakesIn(diagram: string): string[] {
  const [head = "", ...rest] = diagram.trim().split("\n");
  const kind = /^(?:flowchart (?:LR|RL|TB|TD|BT)|sequenceDiagram|stateDiagram-v2)$/.test(head)
    ? (head.split(" ")[0] ?? "")
    : "";
  const known = forms[kind];
  if (known === undefined) return [`"${head}" begins no diagram`];
  const lines = rest.map((line) => line.trim()).filter((line) => line !== "");
  const mistakes = lines
    .filter((line) => !known.some((form) => form.test(line)))
    .map((line) => `"${line}" is no line of a ${kind}`);
  if (kind === "flowchart") {
    const taken = lines.filter((line) => line !== "end" && !line.startsWith("subgraph"));
    const named = taken.filter((line) => reserved.test(line.replaceAll(/"[^"]*"/g, '""')));
    mistakes.push(...named.map((line) => `"${line}" has a reserved word for a node`));
  }
  return [
    ...mistakes,
    ...partsOf(lines),
    ...(kind === "sequenceDiagram" ? strangersIn(lines) : []),
  ];
}

function partsOf(lines: readonly string[]): string[] {
  const open: string[] = [];
  const mistakes: string[] = [];
  for (const line of lines) {
    const [word = ""] = line.split(" ");
    const outer = within[word];
    if (opens.test(line)) open.push(word);
    else if (line === "end" && open.pop() === undefined) mistakes.push("an end of nothing");
    else if (outer !== undefined && open.at(-1) !== outer)
      mistakes.push(`${word} without ${outer}`);
  }
  return [...mistakes, ...open.map((word) => `${word} has no end`)];
}

function strangersIn(lines: readonly string[]): string[] {
  const declared = new Set(lines.map((line) => /^(?:participant|actor) (\w+)/.exec(line)?.[1]));
  const used = lines.flatMap((line) => {
    const [, from, to] = /^(\w+)-[-x)>+]*(\w+): /.exec(line) ?? [];
    const [, of = ""] = /^Note (?:over|left of|right of) ([\w,]+): /.exec(line) ?? [];
    return [from, to, ...of.split(",")].filter((name) => name !== undefined && name !== "");
  });
  return [...new Set(used)]
    .filter((name) => !declared.has(name))
    .map((name) => `${name} is no participant`);
}
