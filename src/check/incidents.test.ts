import { describe, expect, test } from 'vitest';
import { disk } from '../cli/disk.ts';
import { checkFiles } from './check.ts';

/** `severity code` of what is worse than a remark in a bundled scenario. */
function alarms(name: string): string[] {
  const { files } = checkFiles([`scenarios/${name}`], disk);
  const all = files.flatMap(({ findings }) => findings.map(({ severity, code }) => `${severity} ${code}`));
  return [...new Set(all.filter((text) => !text.startsWith('info')))].sort();
}

describe('a look at the files would have told it before it happened', () => {
  test.each([
    ['stub-zone-dead', 'error upstream-not-there'],
    ['udp-truncation', 'error large-udp-reply-fails'],
    ['overflow-1.10.1', 'error large-udp-reply-fails'],
    ['udp-truncation-1.11.1-bufsize-4096', 'warning bufsize-protects-nobody'],
    ['forwarding-loop', 'error resolv-conf-loop'],
    ['serve-stale-immediate', 'warning stale-for-long'],
    ['ttl-zero-headless', 'warning kubernetes-ttl-clamped'],
    ['dead-upstream-max-fails-0', 'warning never-down'],
    ['udp-truncation-1.8.6-no-cache', 'warning no-cache'],
  ])('%s: %s', (scenario, alarm) => {
    expect(alarms(scenario)).toContain(alarm);
  });

  test.each([
    ['stub-zone-removed', 'upstream-not-there'],
    ['udp-truncation-1.12.1', 'large-udp-reply-fails'],
    ['overflow-1.11.3', 'large-udp-reply-fails'],
    ['forwarding-loop-real-resolv-conf', 'resolv-conf-loop'],
    ['serve-stale-verify', 'stale-for-long'],
    ['ttl-zero-headless-disabled', 'kubernetes-ttl-clamped'],
    ['dead-upstream-single', 'never-down'],
  ])('%s, where it is mended: no %s', (scenario, code) => {
    expect(alarms(scenario).join(' ')).not.toContain(code);
  });
});
