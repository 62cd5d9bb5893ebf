/** What a shell script learns from `dnspath`. */
export const exitCode = {
  fine: 0,
  expectationFailed: 1,
  badInput: 2,
  /** A defect of ours (EX_SOFTWARE of sysexits.h). */
  defect: 70,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
