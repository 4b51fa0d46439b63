// What an expression of Prometheus asks for: its metrics, and the labels that it selects or groups by. By words, not
// by a parser; that an expression is one is promtool's to say.

export interface Asked {
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
}

const words = new Set(["or", "and", "unless", "bool"]);

export function askedIn(expression: string): Asked {
  // Texts first: they may hold anything.
  const bare = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\[[^\]]*\]/g, "");
  const selected = Array.from(bare.matchAll(/\{([^}]*)\}/g), ([, inside = ""]) => inside);
  const grouped = Array.from(
    bare.matchAll(/\b(?:by|on|ignoring|without|group_left|group_right)\s*\(([^)]*)\)/g),
    ([, inside = ""]) => inside,
  );
  const rest = bare
    .replaceAll(/\{[^}]*\}/g, "")
    // What was before "by" is then followed by its parenthesis, as any function.
    .replaceAll(/\b(?:by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)/g, "");
  return {
    // What is followed by a parenthesis is a function.
    metrics: Array.from(rest.matchAll(/\b[a-z_]\w*\b(?!\s*\()/g), ([name]) => name).filter(
      (name) => !words.has(name),
    ),
    labels: [...selected, ...grouped].flatMap((inside) =>
      Array.from(inside.matchAll(/\b[a-z_]\w*\b/g), ([name]) => name),
    ),
  };
}
