// Why a file cannot be imported at all, in words for whoever made it. Whoever reads the file says it: the command line,
// or an answer of the service.

export interface UnreadableFacts {
  /** Where the file breaks off, as a spreadsheet counts. */
  readonly row?: number;
  /** The columns that the file has, and the field that none of them is. */
  readonly columns?: readonly string[];
  readonly missing?: string;
}

export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
  readonly facts: UnreadableFacts;
  constructor(message: string, facts: UnreadableFacts = {}, cause?: unknown) {
    super(message, { cause });
    this.facts = facts;
  }
}
