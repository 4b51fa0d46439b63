// What is tried again each second is told once, until there is good news. Two sentences that differ in their
// numbers are one: a seq that grows, or the address of one of many tries, is no news.

export type Say<Level> = (level: Level, words: string) => void;

export function saidOnce<Level extends string>(say: Say<Level | "info">): Say<Level | "info"> {
  const told = new Set<string>();
  return (level, words) => {
    const kind = words.replaceAll(/\d+/g, "0");
    if (level === "info") told.clear();
    else if (told.has(kind)) return;
    told.add(kind);
    say(level, words);
  };
}
