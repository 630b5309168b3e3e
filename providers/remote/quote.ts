const NEEDS_NO_QUOTES = /^[A-Za-z0-9_./:=@%+,-]+$/;

/** The words as one POSIX shell command line in which each arrives unchanged as one argument. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  return NEEDS_NO_QUOTES.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
