/** The jars of an Apache Cassandra, from Maven Central, for the tests that need a real one. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOOLS } from './paths.mjs';
import { fingerprint, isStamped, stamp } from './stamp.mjs';
import { aptInstall, canApt, LaunchError, run, step, which } from './step.mjs';

const VERSION = '5.0.9';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>cassandra-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.cassandra</groupId>
      <artifactId>cassandra-all</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * Java and Maven are taken from PATH, else Debian's packages are installed.
 * @returns {Promise<string>} folder of the jars, below `.tools/`
 * @throws {LaunchError} when Java or Maven is missing and can't be installed
 */
export async function findOrInstallCassandra() {
  const missing = ['java', 'mvn'].filter((name) => !which(name));
  if (missing.length > 0) {
    if (!canApt()) {
      throw new LaunchError(
        `The tests of the shared store start a real Apache Cassandra and need Java 17 and Maven; not found: ${missing.join(', ')}. Install them (Debian: sudo apt-get install openjdk-17-jre-headless maven).`,
      );
    }
    await aptInstall(
      ['openjdk-17-jre-headless', 'maven'],
      'the tests of the shared store start a real Cassandra',
    );
  }
  const folder = join(TOOLS, `cassandra-${VERSION}`);
  const lib = join(folder, 'lib');
  const wanted = fingerprint(POM);
  const file = join(folder, '.stamp');
  if (isStamped(file, wanted) && existsSync(lib)) return lib;
  await step(`Fetching Apache Cassandra ${VERSION} (67 MB) from Maven Central into .tools/`, async () => {
    mkdirSync(lib, { recursive: true });
    writeFileSync(join(folder, 'pom.xml'), POM);
    await run([
      'mvn',
      '-q',
      '-B',
      '-f',
      join(folder, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${lib}`,
    ]);
    stamp(file, wanted);
  });
  return lib;
}
