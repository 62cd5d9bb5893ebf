export type Expression =
  | { readonly kind: 'none' }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'octets'; readonly value: string }
  | { readonly kind: 'name'; readonly name: string; readonly line: number }
  | { readonly kind: 'format'; readonly parts: readonly FormatPart[] }
  | { readonly kind: 'list' | 'tuple' | 'set'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string; readonly line: number }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression; readonly line: number }
  | { readonly kind: 'slice'; readonly from: Expression; readonly to: Expression; readonly step: Expression }
  | {
      readonly kind: 'call';
      readonly callee: Expression;
      readonly arguments: readonly Argument[];
      readonly line: number;
    }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly line: number;
    }
  | { readonly kind: 'compare'; readonly first: Expression; readonly rest: readonly Comparison[] }
  | {
      readonly kind: 'boolean';
      readonly operator: 'and' | 'or';
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'conditional'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: 'lambda'; readonly parameters: readonly Parameter[]; readonly body: Expression }
  | {
      readonly kind: 'comprehension';
      readonly makes: 'list' | 'set' | 'dict';
      readonly element: Expression;
      readonly value: Expression;
      readonly clauses: readonly Clause[];
    }
  | { readonly kind: 'assigned'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'star'; readonly value: Expression };

/** A literal part of an f-string, or a value with what follows its `!` and its `:`. */
export type FormatPart =
  | string
  | { readonly value: Expression; readonly conversion: string; readonly spec: readonly FormatPart[] };

export interface Argument {
  /** Of a keyword argument; `*` and `**` for those that are spread. */
  readonly name: string;
  readonly value: Expression;
}

export interface Parameter {
  readonly name: string;
  /** `*`, `**` or nothing. */
  readonly star: string;
  readonly fallback: Expression | undefined;
}

export interface Comparison {
  readonly operator: string;
  readonly right: Expression;
}

export interface Clause {
  readonly target: Expression;
  readonly items: Expression;
  readonly tests: readonly Expression[];
}

export type Statement = { readonly line: number } & (
  | { readonly kind: 'expression'; readonly value: Expression }
  | { readonly kind: 'assign'; readonly targets: readonly Expression[]; readonly value: Expression }
  | {
      readonly kind: 'augment';
      readonly target: Expression;
      readonly operator: string;
      readonly value: Expression;
    }
  | { readonly kind: 'if'; readonly test: Expression; readonly body: Block; readonly otherwise: Block }
  | { readonly kind: 'while'; readonly test: Expression; readonly body: Block; readonly otherwise: Block }
  | {
      readonly kind: 'for';
      readonly target: Expression;
      readonly items: Expression;
      readonly body: Block;
      readonly otherwise: Block;
    }
  | { readonly kind: 'def'; readonly name: string; readonly parameters: readonly Parameter[]; readonly body: Block }
  | { readonly kind: 'class'; readonly name: string; readonly bases: readonly Expression[]; readonly body: Block }
  | { readonly kind: 'return'; readonly value: Expression }
  | { readonly kind: 'break' | 'continue' | 'pass' }
  | { readonly kind: 'global' | 'nonlocal'; readonly names: readonly string[] }
  | {
      readonly kind: 'try';
      readonly body: Block;
      readonly handlers: readonly Handler[];
      readonly otherwise: Block;
      readonly finally: Block;
    }
  | { readonly kind: 'with'; readonly items: readonly WithItem[]; readonly body: Block }
  | { readonly kind: 'import'; readonly modules: readonly { readonly name: string; readonly as: string }[] }
  | {
      readonly kind: 'from';
      readonly module: string;
      readonly names: readonly { readonly name: string; readonly as: string }[];
    }
  | { readonly kind: 'raise'; readonly value: Expression }
  | { readonly kind: 'assert'; readonly test: Expression }
  | { readonly kind: 'delete'; readonly targets: readonly Expression[] }
);

export type Block = readonly Statement[];

export interface Handler {
  /** Absent: catches all. */
  readonly type: Expression | undefined;
  readonly name: string;
  readonly body: Block;
}

export interface WithItem {
  readonly value: Expression;
  readonly target: Expression | undefined;
}
