import type { CheckReport } from '../../check/check.ts';
import type { Finding, Severity } from '../../check/finding.ts';
import { type DescribedRule, everyRule } from '../../check/rules/table.ts';
import { version } from '../../version.ts';

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** The findings as SARIF 2.1.0 (OASIS), for code hosts and editors. What an upgrade removes is left out. */
export function checkSarif({ files }: CheckReport) {
  const findings = files.flatMap((file) => file.findings).filter(({ change }) => change !== 'gone');
  const rules = everyRule.filter(({ code }) => findings.some((finding) => finding.code === code));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'dnspath', version, semanticVersion: version, rules: rules.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, rules)),
      },
    ],
  };
}

function ruleOf({ code, severity, title, consequence, remedy }: DescribedRule) {
  return {
    id: code,
    shortDescription: { text: title.replaceAll('`', '') },
    fullDescription: { text: consequence },
    ...(remedy === '' ? {} : { help: { text: remedy } }),
    defaultConfiguration: { level: levels[severity] },
  };
}

function resultOf(
  { code, severity, file, line, column, message, consequence, remedy }: Finding,
  rules: readonly DescribedRule[],
) {
  const text = [message, consequence, remedy].filter((part) => part !== '').join('\n');
  return {
    ruleId: code,
    ruleIndex: rules.findIndex((rule) => rule.code === code),
    level: levels[severity],
    message: { text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(file.replace(/^\.\//, '')) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}
