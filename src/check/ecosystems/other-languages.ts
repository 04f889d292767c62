import type { ProjectSource } from "../find-project.ts";
import type { Project } from "../project.ts";
import { findGo } from "./go.ts";
import { findJava } from "./java.ts";
import { findMake } from "./make.ts";
import { findPhp } from "./php.ts";
import { findPython } from "./python.ts";
import { findRuby } from "./ruby.ts";
import { findRust } from "./rust.ts";

/** In this order: what says most about a repository comes first. */
const FINDERS = [findGo, findRust, findJava, findPython, findRuby, findPhp, findMake];

/** A project without package.json; undefined when no language knows it. */
export async function findOtherLanguage(source: ProjectSource): Promise<Project | undefined> {
  for (const find of FINDERS) {
    const project = await find(source);
    if (project !== undefined) return project;
  }
  return undefined;
}
