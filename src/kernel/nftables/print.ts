import type { Hook } from '../ip/hook.ts';
import type { NftChain, NftElement, NftSet, NftTable } from './table.ts';

/** As `nft list table` prints it (nft 1.0.6). */
export function printNftTable({ family, name, comment, sets, chains }: NftTable): string[] {
  const parts = [...sets.map(setLines), ...chains.map(chainLines)];
  return [
    `table ${family} ${name} {`,
    ...(comment === undefined ? [] : [`\tcomment ${quoted(comment)}`]),
    ...parts.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines])),
    '}',
  ];
}

function setLines({ kind, name, type, comment, timeout, elements }: NftSet): string[] {
  return [
    `\t${kind} ${name} {`,
    `\t\ttype ${type}`,
    ...(timeout === undefined ? [] : ['\t\tsize 65535', '\t\tflags dynamic,timeout', `\t\ttimeout ${span(timeout)}`]),
    ...(comment === undefined ? [] : [`\t\tcomment ${quoted(comment)}`]),
    ...(elements.length === 0 ? [] : elementLines(elements, type === 'ipv4_addr' ? 2 : 1)),
    '\t}',
  ];
}

function elementLines(elements: readonly NftElement[], perLine: number): string[] {
  const texts = [...elements].sort(inOrder).map(({ text }) => text);
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += perLine) lines.push(texts.slice(i, i + perLine).join(', '));
  return `elements = { ${lines.join(',\n\t\t\t     ')} }`
    .split('\n')
    .map((line, i) => (i === 0 ? `\t\t${line}` : line));
}

function inOrder({ order: a }: NftElement, { order: b }: NftElement): number {
  for (const [i, number] of a.entries()) if (number !== b[i]) return number - (b[i] ?? 0);
  return 0;
}

function chainLines({ name, comment, base, rules }: NftChain): string[] {
  return [
    `\tchain ${name} {`,
    ...(comment === undefined ? [] : [`\t\tcomment ${quoted(comment)}`]),
    ...(base === undefined
      ? []
      : [
          `\t\ttype ${base.type} hook ${base.hook.toLowerCase()} priority ${priorityText(base.hook, base.priority)}; policy accept;`,
        ]),
    ...rules.map(({ text }) => `\t\t${text}`),
    '\t}',
  ];
}

/** Names of priorities (nft(8)); dstnat is one of prerouting, srcnat of postrouting. */
const names: readonly { readonly name: string; readonly at: number; readonly hook?: Hook }[] = [
  { name: 'filter', at: 0 },
  { name: 'dstnat', at: -100, hook: 'PREROUTING' },
  { name: 'srcnat', at: 100, hook: 'POSTROUTING' },
];

/** Within ten of a name it is told by the distance from it. */
function priorityText(hook: Hook, priority: number): string {
  const near = names.find((n) => (n.hook === undefined || n.hook === hook) && Math.abs(priority - n.at) <= 10);
  if (near === undefined) return `${priority}`;
  const distance = priority - near.at;
  return distance === 0 ? near.name : `${near.name} ${distance < 0 ? '-' : '+'} ${Math.abs(distance)}`;
}

/** `3h`, `1h30m`, `45s`. */
function span(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : '')).join('');
}

function quoted(text: string): string {
  return `"${text}"`;
}
