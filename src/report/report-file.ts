/** A file of a report, whole. `name` has no folder in it. */
export interface ReportFile {
  readonly name: string;
  readonly content: string;
}
