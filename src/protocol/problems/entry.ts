/** What the reference page says of a problem that may end a run or a command; the message itself names the thing and the place. */
export interface ProblemEntry {
  readonly title: string;
  /** What happened, and what is left as it was. */
  readonly meaning: string;
  readonly nextStep: string;
}

export type ProblemEntries = Readonly<Record<string, ProblemEntry>>;

export function entry(title: string, meaning: string, nextStep: string): ProblemEntry {
  return { title, meaning, nextStep };
}
