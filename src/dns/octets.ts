const utf8 = new TextEncoder();

/** A label's octets: `\.` and `\DDD` undone. */
export function labelOctets(label: string): number[] {
  const octets: number[] = [];
  for (const [part, ddd] of label.matchAll(/\\(\d{3})|\\?[\s\S]/gu)) {
    if (ddd !== undefined) octets.push(Number(ddd) % 256);
    else octets.push(...utf8.encode(part.startsWith('\\') ? part.slice(1) : part));
  }
  return octets;
}

/** Octets of a text without its length. */
export function textLength(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

/** `<character-string>` of RFC 1035 §3.3: a length, then the text. */
export function stringOctets(text: string): number[] {
  const octets = [...utf8.encode(text)];
  return [octets.length, ...octets];
}
