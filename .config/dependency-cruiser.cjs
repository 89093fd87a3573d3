/** Who may import whom; see the layout in README.md. */
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'protocol-imports-only-valibot',
      severity: 'error',
      from: { path: '^relay/protocol' },
      to: { pathNot: '^relay/protocol|^node_modules/valibot' },
    },
    {
      name: 'components-know-nothing-of-the-relay-but-the-protocol',
      severity: 'error',
      from: { path: '^components' },
      to: { path: '^relay', pathNot: '^relay/protocol/index' },
    },
    {
      name: 'relay-knows-nothing-of-components',
      severity: 'error',
      from: { path: '^relay', pathNot: '^relay/cli/' },
      to: { path: '^(components|test|demo)' },
    },
    {
      name: 'the-command-line-is-a-root-of-its-own',
      comment:
        'It puts the client library and the settings together; nothing knows it, and it opens no back-end.',
      severity: 'error',
      from: { path: '^(relay|components)', pathNot: '^relay/cli/' },
      to: { path: '^relay/cli/' },
    },
    {
      name: 'the-command-line-takes-the-client-library-settings-stores-and-errors-only',
      severity: 'error',
      from: { path: '^relay/cli/' },
      to: {
        path: '^(relay|components)',
        pathNot:
          '^relay/(cli/|config/|errors|stores/|upkeep/|observe/log)|^components/(client/|static/index)',
      },
    },
    {
      name: 'code-for-pages-has-no-node-in-it',
      severity: 'error',
      from: { path: '^components', pathNot: '^components/(client/node|packaging)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'protocol-is-imported-by-its-index',
      severity: 'error',
      from: { path: '^(relay|components)', pathNot: '^relay/protocol' },
      to: { path: '^relay/protocol', pathNot: '^relay/protocol/index' },
    },
    {
      name: 'session-code-has-no-lit-and-no-elements',
      severity: 'error',
      from: { path: '^components/(session|client)' },
      to: { path: '^components', pathNot: '^components/(session|client)' },
    },
    {
      name: 'session-code-imports-no-lit',
      severity: 'error',
      from: { path: '^components/(session|client)' },
      to: { path: 'node_modules/(lit|@lit|@codemirror)' },
    },
    {
      name: 'only-transports-import-uwebsockets',
      severity: 'error',
      from: { path: '^relay', pathNot: '^relay/(server\\.ts|http/|ws/|sockjs/)' },
      to: { path: 'uWebSockets|uws-pack' },
    },
    {
      name: 'leaves-import-no-other-part-of-the-relay',
      severity: 'error',
      from: { path: '^relay/(stores|admission|observe)/' },
      to: { path: '^relay/(server|main|cli|http|ws|sockjs|tcp|sessions|bridges)' },
    },
    {
      name: 'bridges-know-nothing-of-transports',
      severity: 'error',
      from: { path: '^relay/bridges/' },
      to: { path: '^relay/(server|main|cli|http|ws|sockjs|tcp|sessions)' },
    },
    {
      name: 'the-tcp-door-knows-nothing-of-other-doors',
      severity: 'error',
      from: { path: '^relay/tcp/' },
      to: { path: '^relay/(server|main|cli|http|ws|sockjs)' },
    },
    {
      name: 'sessions-know-nothing-of-transports',
      severity: 'error',
      from: { path: '^relay/sessions/' },
      to: { path: '^relay/(server|main|cli|http|ws|sockjs|tcp)' },
    },
    { name: 'nothing-imports-main', severity: 'error', from: {}, to: { path: '^relay/main' } },
    {
      name: 'only-main-and-tests-name-a-concrete-bridge',
      severity: 'error',
      from: { path: '^relay', pathNot: '^relay/(main|bridges/)' },
      to: { path: '^relay/bridges/(local-bridge|bridge-link|pool)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-main-and-tests-name-a-concrete-store',
      severity: 'error',
      from: { path: '^relay', pathNot: '^relay/(main|cli/store|stores/)' },
      to: { path: '^relay/stores/(memory|lmdb|cassandra|open)' },
    },
    {
      name: 'the-cache-knows-bridges-and-stores-by-their-interfaces',
      severity: 'error',
      from: { path: '^relay/cache/' },
      to: { path: '^relay/(server|main|http|ws|sockjs|sessions|bridges/(?!bridge\\.ts))' },
    },
    {
      name: 'not-to-dev-dependencies',
      severity: 'error',
      from: { path: '^(relay|components)', pathNot: '^relay/write-schema|^components/packaging' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
    exclude: { path: '^dist|^components/packaging/.*[.]d[.]ts$' },
  },
};
