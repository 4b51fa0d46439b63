// Reads environment variables one by one and collects what is wrong with them, so that everything can
// be said at once. An empty variable counts as unset (compose files make those). A secret's value is
// never repeated in a message.

export type Environment = Readonly<Record<string, string | undefined>>;

/** One wrong variable and why. */
export interface Fault {
  readonly name: string;
  readonly reason: string;
}

export type EnvironmentReader = ReturnType<typeof openEnvironment>;

export function openEnvironment(env: Environment) {
  const faults: Fault[] = [];
  const fault = (name: string, reason: string): void => {
    faults.push({ name, reason });
  };
  const get = (name: string): string | null => env[name]?.trim() || null;
  return {
    faults,
    fault,
    get,
    text: (name: string, otherwise: string): string => get(name) ?? otherwise,
    refuse(name: string, reason: string): void {
      if (get(name) !== null) fault(name, reason);
    },
    integer(name: string, otherwise: number, min: number, max: number): number {
      const text = get(name);
      if (text === null) return otherwise;
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      fault(name, `must be a whole number from ${min} to ${max}, not "${text}"`);
      return otherwise;
    },
    onOff(name: string, otherwise: boolean): boolean {
      const text = get(name)?.toLowerCase() ?? null;
      if (text === null) return otherwise;
      if (["on", "true", "1", "yes"].includes(text)) return true;
      if (!["off", "false", "0", "no"].includes(text)) fault(name, `must be on or off`);
      return false;
    },
    oneOf<Choice extends string>(name: string, from: readonly Choice[], otherwise: Choice): Choice {
      const text = get(name);
      if (text === null) return otherwise;
      const choice = from.find((one) => one === text);
      if (choice === undefined) fault(name, `must be one of ${from.join(", ")}, not "${text}"`);
      return choice ?? otherwise;
    },
    matching(name: string, otherwise: string, pattern: RegExp, words: string): string {
      const text = get(name) ?? otherwise;
      if (!pattern.test(text)) fault(name, `must be ${words}`);
      return text;
    },
    secret(name: string, bytesMin: number): string | null {
      const text = get(name);
      if (text !== null && Buffer.byteLength(text) < bytesMin) {
        fault(name, `must have at least ${bytesMin} bytes; try: openssl rand -base64 48`);
      }
      return text;
    },
    list: (name: string): readonly string[] =>
      (get(name) ?? "").split(",").flatMap((part) => part.trim() || []),
  };
}
