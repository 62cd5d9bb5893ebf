import type { CheckReport } from '../../check/check.ts';
import { version } from '../../version.ts';

/** What `dnspath check --format json` prints. */
export function checkJson({ files, unreadable }: CheckReport) {
  const findings = files.flatMap((file) => file.findings).filter(({ change }) => change !== 'gone');
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  return {
    dnspath: version,
    errors: count('error'),
    warnings: count('warning'),
    infos: count('info'),
    files,
    unreadable,
  };
}
