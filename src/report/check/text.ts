import type { CheckedFile, CheckReport } from '../../check/check.ts';
import type { Finding, Severity } from '../../check/finding.ts';
import { kindNames } from '../../check/kind.ts';
import { formatProblem } from '../../problem/problem.ts';
import { capitalised, counted, listed } from '../../trace/words.ts';
import { columns, hanging, type Style, type Styler, wrap } from '../terminal.ts';

const styles: Readonly<Record<Severity, Style>> = { error: 'red', warning: 'yellow', info: 'dim' };
const nouns: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'remark' };
const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** What `dnspath check` prints: every finding in its place, then a line for each file. */
export function checkText({ files, texts }: CheckReport, style: Styler): string {
  const told = new Set<string>();
  const findings = files.flatMap(inOrder).map((finding) => findingText(finding, texts, told, style));
  return [...findings, files.map((file) => verdictOf(file, style)).join('\n')].join('\n\n');
}

/** What is gone with an upgrade comes last. */
function inOrder({ findings }: CheckedFile): Finding[] {
  return [...findings.filter(({ change }) => change !== 'gone'), ...findings.filter(({ change }) => change === 'gone')];
}

/** `told`: what was said already; what comes of it, and each remedy for that, is told once, however often it is found. */
function findingText(finding: Finding, texts: CheckReport['texts'], told: Set<string>, style: Styler): string {
  const { code, severity, message, consequence, remedy, change, ...place } = finding;
  const [head = '', ...quote] = formatProblem({ ...place, code, message: '', hint: '' }, texts.get(place.file)).split(
    '\n',
  );
  const label = change === undefined ? nouns[severity] : `${nouns[severity]} (${change})`;
  const lines = [
    style('bold', `${head}${style(styles[severity], label)}`),
    ...wrapped(`${message} [${code}]`),
    ...quote,
  ];
  if (change === 'gone') return lines.join('\n');
  if (!told.has(consequence)) lines.push(...wrapped(consequence));
  const cure = `${consequence}\n→ ${remedy}`;
  if (remedy !== '' && !told.has(cure)) {
    lines.push(...hanging('  → ', `${capitalised(remedy)}${/[.!?]$/.test(remedy) ? '' : '.'}`));
  }
  told.add(consequence).add(cure);
  return lines.join('\n');
}

const wrapped = (text: string): string[] => wrap(text, columns - 2).map((line) => `  ${line}`);

/** `Corefile: CoreDNS 1.11.1 starts with this Corefile; 1 warning and 2 remarks.` */
function verdictOf(file: CheckedFile, style: Styler): string {
  const lines = wrap(`${file.file}: ${startOf(file)}${countsOf(file)}.`, columns);
  if (file.assumed.length > 0) {
    lines.push(...hanging('  ', `Not given and taken for sound: ${listed(file.assumed)}.`));
  }
  const isBad = file.findings.some(({ severity }) => severity === 'error');
  return lines.map((line) => (isBad ? style('red', line) : line)).join('\n');
}

function startOf({ kind, release, from, findings }: CheckedFile): string {
  if (release === undefined) return `${kindNames[kind]}; `;
  const refused = findings.some(({ code, change }) => code === 'does-not-start' && change !== 'gone');
  const verdict = `CoreDNS ${release} ${refused ? 'does not start' : 'starts'} with this ${kindNames[kind]}`;
  return from === undefined ? `${verdict}; ` : `from ${from} to ${release}: ${verdict}; `;
}

function countsOf({ findings }: CheckedFile): string {
  const present = findings.filter(({ change }) => change !== 'gone');
  const gone = findings.length - present.length;
  const counts = severities.flatMap((severity) => {
    const count = present.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, nouns[severity])];
  });
  if (gone > 0) counts.push(`${gone} gone`);
  return counts.length === 0 ? 'nothing found' : listed(counts);
}
