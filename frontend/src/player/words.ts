// The page's words, said by the server in the reader's language.

export type Words = Readonly<Record<string, string>>;

/** The words that an element carries. */
export function wordsOf(element: HTMLElement): Words {
  return JSON.parse(element.dataset.words ?? "{}") as Words;
}

/** One of them, its `{name}` fields filled in. */
export function say(words: Words, key: string, values: Record<string, string> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
