/**
 * The CoreDNS releases that are modelled, oldest first. What changed when stands beside each
 * behaviour as a history (`history.ts`), read by the release's name.
 */
export const releaseNames = [
  '1.6.7',
  '1.6.8',
  '1.6.9',
  '1.7.0',
  '1.7.1',
  '1.8.0',
  '1.8.1',
  '1.8.2',
  '1.8.3',
  '1.8.4',
  '1.8.5',
  '1.8.6',
  '1.8.7',
  '1.9.0',
  '1.9.1',
  '1.9.2',
  '1.9.3',
  '1.9.4',
  '1.10.0',
  '1.10.1',
  '1.11.0',
  '1.11.1',
  '1.11.2',
  '1.11.3',
  '1.11.4',
  '1.12.0',
  '1.12.1',
  '1.12.2',
  '1.12.3',
  '1.12.4',
  '1.13.0',
  '1.13.1',
  '1.13.2',
  '1.14.0',
  '1.14.1',
  '1.14.2',
  '1.14.3',
  '1.14.4',
  '1.14.5',
  '1.14.6',
  '1.14.7',
  '1.15.0',
] as const;

export type ReleaseName = (typeof releaseNames)[number];

/** One release: its name, such as `1.11.3`. */
export interface Release {
  readonly name: ReleaseName;
}

/** The release of that name, if it is one that we know. */
export function findRelease(name: string): Release | undefined {
  const known = releaseNames.find((release) => release === name);
  return known === undefined ? undefined : { name: known };
}
