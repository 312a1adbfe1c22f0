/** How many brackets a text opens more than it closes; negative where it closes more. */
export function balance(text: string): number {
  let depth = 0;
  for (const char of text) {
    if (char === '(' || char === '[' || char === '{') depth++;
    else if (char === ')' || char === ']' || char === '}') depth--;
  }
  return depth;
}

/** 1 where a double quote is left open, else 0. */
export function quotesOpen(text: string): number {
  return (text.split('"').length - 1) % 2;
}
