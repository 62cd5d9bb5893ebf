/** Common names of the authorities whose certificates a PEM file holds; of one without, its last name. What does not unpack is passed over. */
export function authoritiesIn(pem: string): string[] {
  const blocks = pem.matchAll(/-----BEGIN CERTIFICATE-----([\sA-Za-z0-9+/=]*)-----END CERTIFICATE-----/g);
  return [...blocks].flatMap(([, text = '']) => subjectOf(base64(text)) ?? []);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(text: string): Uint8Array {
  const digits = [...text].map((letter) => alphabet.indexOf(letter)).filter((digit) => digit >= 0);
  const octets = new Uint8Array(Math.floor((digits.length * 3) / 4));
  for (let i = 0; i < octets.length; i++) {
    const at = Math.floor((i * 4) / 3);
    const [high = 0, low = 0] = [digits[at], digits[at + 1]];
    octets[i] = (high << (2 + 2 * (i % 3))) | (low >> (4 - 2 * (i % 3)));
  }
  return octets;
}

/** One value of DER: its tag, and where its content begins and ends. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function elementAt(der: Uint8Array, at: number): Element | undefined {
  const [tag, short] = [der[at], der[at + 1]];
  if (tag === undefined || short === undefined) return undefined;
  const octets = short > 0x80 ? short - 0x80 : 0;
  const length = octets === 0 ? short : der.slice(at + 2, at + 2 + octets).reduce((sum, octet) => sum * 256 + octet, 0);
  const start = at + 2 + octets;
  return start + length <= der.length ? { tag, start, end: start + length } : undefined;
}

function inside(der: Uint8Array, { start, end }: Element): Element[] {
  const elements: Element[] = [];
  for (let at = start; at < end; ) {
    const element = elementAt(der, at);
    if (element === undefined) break;
    elements.push(element);
    at = element.end;
  }
  return elements;
}

/** RFC 5280 §4.1: the version may be left out in front of serial number, algorithm, issuer, validity and subject. */
function subjectOf(der: Uint8Array): string | undefined {
  const certificate = elementAt(der, 0);
  const [signed] = certificate === undefined ? [] : inside(der, certificate);
  if (signed === undefined) return undefined;
  const fields = inside(der, signed);
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (subject === undefined) return undefined;
  let last: string | undefined;
  for (const attribute of inside(der, subject).flatMap((set) => inside(der, set))) {
    const [type, value] = inside(der, attribute);
    if (type === undefined || value === undefined) continue;
    last = String.fromCharCode(...der.slice(value.start, value.end));
    if (isCommonName(der.slice(type.start, type.end))) return last;
  }
  return last;
}

/** 2.5.4.3 */
const isCommonName = (id: Uint8Array): boolean => id.length === 3 && id[0] === 0x55 && id[1] === 4 && id[2] === 3;
