import createNextIntlPlugin from 'next-intl/plugin'

const withNextIntl = createNextIntlPlugin('./messages/request.ts')

/** Types are checked by `npm run typecheck` with the native compiler, so the build doesn't do it again. */
export default withNextIntl({
  poweredByHeader: false,
  devIndicators: false,
  reactStrictMode: true,
  typescript: { ignoreBuildErrors: true },
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks', '@tabler/icons-react'] },
  serverExternalPackages: [
    '@duckdb/node-api',
    '@prisma/client',
    '@prisma/adapter-libsql',
    '@prisma/adapter-mariadb',
    '@libsql/client',
    'libsql',
    'libpg-query',
    'lmdb',
    'better-auth',
    'pino',
  ],
})
