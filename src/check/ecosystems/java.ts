import type { ProjectSource } from "../find-project.ts";
import type { Project } from "../project.ts";

/** What is fetched lies in the workspace, so that it is kept as a layer. */
const MAVEN_HOME = ".dunlin/m2";
const GRADLE_HOME = ".dunlin/gradle";

export async function findJava(source: ProjectSource): Promise<Project | undefined> {
  const paths = new Set(source.paths);
  const gradle = ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"];
  if (paths.has("pom.xml")) return maven(paths.has("mvnw"));
  const file = gradle.find((path) => paths.has(path));
  return file === undefined ? undefined : gradleOf(file, paths.has("gradlew"));
}

/** A run that looks for a test that isn't there also fetches the plugins that run tests. */
function maven(hasWrapper: boolean): Project {
  const program = hasWrapper ? "sh ./mvnw" : "mvn";
  const options = `-B -Dmaven.repo.local=${MAVEN_HOME}`;
  const none = "-Dtest=NoSuchTest -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false";
  const command = `${program} -o ${options} --fail-at-end test`;
  return {
    packageManager: "maven",
    install: `${program} ${options} ${none} test`,
    test: { command, runner: "maven" },
    findings: [
      `Package manager: Maven, because of pom.xml${hasWrapper ? ", by its wrapper" : ""}.`,
      `Tests: \`${command}\`, because of pom.xml.`,
    ],
  };
}

function gradleOf(file: string, hasWrapper: boolean): Project {
  const home = `GRADLE_USER_HOME="$PWD/${GRADLE_HOME}"`;
  const program = `${home} ${hasWrapper ? "sh ./gradlew" : "gradle"} --no-daemon`;
  const command = `${program} --offline --continue test`;
  return {
    packageManager: "gradle",
    install: `${program} testClasses`,
    test: { command, runner: "gradle" },
    findings: [
      `Package manager: Gradle, because of ${file}${hasWrapper ? ", by its wrapper" : ""}.`,
      `Tests: \`${command}\`, because of ${file}.`,
    ],
  };
}
