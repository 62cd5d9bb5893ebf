/** Rooms from left to right: a file imports from its own room and from rooms to the left. */
const order = [
  ['problem'],
  ['engine'],
  ['network'],
  ['dns'],
  ['kernel'],
  ['transport'],
  ['coredns', 'servers', 'resolver'],
  ['workload'],
  ['cluster'],
  ['trace'],
  ['scenario'],
  ['check'],
  ['study'],
  ['report'],
];

const test = '[.]test[.]ts$';
const rooms = order.flat();

/** For each room: which rooms it must not import, because they stand to the right or beside it. */
const layers = order.flatMap((beside, column) =>
  beside.map((room) => {
    const allowed = [...order.slice(0, column).flat(), room];
    const forbidden = [...rooms, 'cli'].filter((other) => !allowed.includes(other));
    return {
      name: `${room}-imports-only-to-the-left`,
      comment:
        'Rooms depend on rooms to the left only, never sideways: see the order at the top of .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: test },
      to: { path: `^src/(${forbidden.join('|')}|index[.]ts)(/|$)` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'only-known-rooms',
      comment: 'A new room gets a place in the order.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: `^src/(${rooms.join('|')}|cli)/` },
    },
    {
      name: 'no-node-outside-cli',
      comment: 'Everything but the command line also runs in a browser.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', test] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'cli-through-the-door',
      comment: 'The command line uses the library as any other program does, and the writers of report/.',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: test },
      to: { path: '^src/', pathNot: '^src/(cli|report|problem)/|^src/(index|version)[.]ts$' },
    },
    {
      name: 'source-imports-no-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: test },
      to: { path: [test, '^(test|bench|scripts)/'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { pathNot: test },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-packages',
      comment: 'What src/ needs is in dependencies.',
      severity: 'error',
      from: { path: '^src/', pathNot: test },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      mainFields: ['module', 'main'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
