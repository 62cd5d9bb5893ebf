// Writes docs/findings.md: every rule of `dnspath check`, with the releases in which its example is found.
import { mkdirSync, writeFileSync } from 'node:fs';
import { checkFiles } from '../src/check/check.ts';
import type { Severity } from '../src/check/finding.ts';
import {
  corefileRules,
  type DescribedRule,
  iptablesRules,
  resolvConfRules,
  scenarioRules,
  upgradeRules,
  zoneRules,
} from '../src/check/rules/table.ts';
import { rangeOf } from '../src/coredns/release-range.ts';
import { type ReleaseName, releaseNames } from '../src/coredns/releases.ts';

const words: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'remark' };

interface Chapter {
  readonly title: string;
  /** Name of the example's file. */
  readonly file: string;
  readonly rules: readonly DescribedRule[];
}

const chapters: readonly Chapter[] = [
  { title: 'In a Corefile', file: 'Corefile', rules: corefileRules },
  { title: 'In a resolv.conf', file: 'resolv.conf', rules: resolvConfRules },
  { title: 'In a zone file', file: 'corp.example.zone', rules: zoneRules },
  { title: 'In what iptables-save prints', file: 'node-1.rules', rules: iptablesRules },
  { title: 'What an upgrade changes', file: 'Corefile', rules: upgradeRules },
  { title: 'In a scenario', file: 'scenario.yaml', rules: scenarioRules },
];

function findingsPage(): string {
  return `# Findings of \`dnspath check\`

This page is written by \`npm run docs\`. An *error* makes \`dnspath check\` end with exit code 1: what the file asks for
cannot work. A *warning* will hurt somebody; a *remark* is good to know. The releases are those of CoreDNS in which
the example is found.

${chapters.map(contents).join('\n')}
${chapters.map(chapter).join('\n')}`;
}

function contents({ title, rules }: Chapter): string {
  const lines = rules.map(({ code, title: what }) => `- [\`${code}\`](#${code}): ${what}`);
  return `**${title}** (${rules.length})\n\n${lines.join('\n')}\n`;
}

function chapter({ title, file, rules }: Chapter): string {
  return `## ${title}\n\n${rules.map((rule) => section(rule, file)).join('\n')}`;
}

function section(rule: DescribedRule, file: string): string {
  const { code, severity, title, consequence, remedy, source, example } = rule;
  const releases = releasesOf(rule, file);
  const parts = [
    `### ${code}`,
    `**${title}.** ${sentence(words[severity])}${releases === '' ? '' : ` CoreDNS ${releases}.`}`,
    consequence,
    ...(remedy === '' ? [] : [`Remedy: ${remedy}.`.replace(/([.?!])\.$/, '$1')]),
    ...(example.wrong === '' ? [] : [`Found in:`, block(example.wrong), ...others(rule)]),
    ...(example.right === '' ? [] : [`Not found in:`, block(example.right)]),
    `Source: ${source}.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const block = (text: string): string => `\`\`\`\n${text}\`\`\``;

function others({ example: { files = {} } }: DescribedRule): string[] {
  return Object.entries(files).flatMap(([name, text]) => [`together with ${name}:`, block(text)]);
}

/** In which releases the example is found; empty where they do not matter. */
function releasesOf({ code, example }: DescribedRule, file: string): string {
  const { wrong, files = {}, from, release } = example;
  if (file !== 'Corefile') return '';
  if (from !== undefined) return `${from} to ${release}, for example`;
  const texts: Readonly<Record<string, string>> = { ...files, [file]: wrong };
  const disk = { read: (path: string) => texts[path], isDirectory: () => false };
  const isFound = (name: ReleaseName) =>
    checkFiles([file, ...Object.keys(files)], disk, { release: name }).files.some(({ findings }) =>
      findings.some((finding) => finding.code === code),
    );
  const range = rangeOf(releaseNames.filter(isFound));
  return range === 'all releases' ? '' : range;
}

mkdirSync('docs', { recursive: true });
writeFileSync('docs/findings.md', findingsPage());
