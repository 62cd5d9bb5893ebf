/** Columns of whole numbers as short texts: each number in as few octets as it needs, the octets in base64. */

const perOctet = 128;
const piece = 0x2000;

/** Whole numbers of any sign, up to 2^52. */
export function pack(values: readonly number[]): string {
  const octets: number[] = [];
  for (const value of values) {
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest >= perOctet) {
      octets.push((rest % perOctet) + perOctet);
      rest = Math.floor(rest / perOctet);
    }
    octets.push(rest);
  }
  let text = '';
  for (let at = 0; at < octets.length; at += piece) text += String.fromCharCode(...octets.slice(at, at + piece));
  return btoa(text);
}

export function unpack(packed: string): number[] {
  const octets = atob(packed);
  const values: number[] = [];
  for (let at = 0; at < octets.length; ) {
    let value = 0;
    let weight = 1;
    for (;;) {
      const octet = octets.charCodeAt(at++);
      value += (octet % perOctet) * weight;
      weight *= perOctet;
      if (!(octet >= perOctet)) break;
    }
    values.push(value % 2 === 1 ? -(value + 1) / 2 : value / 2);
  }
  return values;
}

/** For numbers that lie near their neighbours, such as instants. */
export function packSteps(values: readonly number[]): string {
  return pack(values.map((value, index) => value - (values[index - 1] ?? 0)));
}

export function unpackSteps(packed: string): number[] {
  let sum = 0;
  return unpack(packed).map((step) => {
    sum += step;
    return sum;
  });
}
