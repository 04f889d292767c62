import type { IForbiddenRuleType } from "dependency-cruiser";

export type Part = {
  /** A folder or a file below `src`. */
  readonly name: string;
  readonly kind: string;
  readonly mayImport: readonly string[] | "everything";
};

export type Library = { readonly name: string; readonly owners: readonly string[] | "everywhere" };

export type ImportTables = {
  readonly parts: readonly Part[];
  readonly libraries: readonly Library[];
};

const ANYWHERE = ["errors.ts", "log.ts"];

/** Reads the two tables of `docs/architecture.md`. */
export function readImportTables(markdown: string): ImportTables {
  const parts = table(markdown, "Imports").map(([name = "", kind = "", imports = ""]) => ({
    name: names(name)[0] ?? "",
    kind: kind.trim(),
    mayImport: imports.includes("everything") ? ("everything" as const) : names(imports),
  }));
  const libraries = table(markdown, "Libraries").map(([name = "", owners = ""]) => ({
    name: names(name)[0] ?? "",
    owners: owners.includes("everywhere") ? ("everywhere" as const) : names(owners),
  }));
  return { parts, libraries };
}

/** Rules for dependency-cruiser, one or two for each row. */
export function importRules(tables: ImportTables): IForbiddenRuleType[] {
  const pattern = (name: string) => partPattern(name, tables.parts);
  return [
    noUnknownPart(tables.parts),
    noUnknownLibrary(tables.libraries),
    ...tables.parts.flatMap((part) => partRules(part, pattern)),
    ...tables.libraries.flatMap((library) => libraryRule(library, pattern)),
  ];
}

/** Matches the files of a part, without those of the parts that have rows of their own inside it. */
function partPattern(name: string, parts: readonly Part[]): string {
  if (name.endsWith(".ts")) return `^src/${name.replace(".", "\\.")}$`;
  const inner = parts.map((part) => part.name).filter((other) => other.startsWith(`${name}/`));
  const without = inner.map((other) => `${other.slice(name.length + 1)}/`).join("|");
  return `^src/${name}/${without === "" ? "" : `(?!${without})`}`;
}

function partRules(part: Part, pattern: (name: string) => string): IForbiddenRuleType[] {
  const from = { path: pattern(part.name) };
  const rules: IForbiddenRuleType[] = [];
  if (part.mayImport !== "everything") {
    const allowed = [part.name, ...part.mayImport, ...ANYWHERE].map(pattern);
    rules.push({
      name: part.name,
      severity: "error",
      from,
      to: { path: "^src/", pathNot: allowed },
    });
  }
  if (part.kind === "core") {
    const to = { dependencyTypes: ["core" as const] };
    rules.push({ name: `${part.name} is core`, severity: "error", from, to });
  }
  return rules;
}

function libraryRule(
  { name, owners }: Library,
  pattern: (name: string) => string,
): IForbiddenRuleType[] {
  if (owners === "everywhere") return [];
  const from = { path: "^src/", pathNot: owners.map(pattern) };
  return [{ name, severity: "error", from, to: { path: libraryPattern(name) } }];
}

function noUnknownLibrary(libraries: readonly Library[]): IForbiddenRuleType {
  const to = {
    path: "(^|/)node_modules/",
    pathNot: libraries.map(({ name }) => libraryPattern(name)),
  };
  return { name: "library without a row", severity: "error", from: { path: "^src/" }, to };
}

function noUnknownPart(parts: readonly Part[]): IForbiddenRuleType {
  const known = parts.map(({ name }) => partPattern(name, parts));
  const to = { path: "^src/", pathNot: known };
  return { name: "part without a row", severity: "error", from: {}, to };
}

/** Also the library's separately published types. */
function libraryPattern(name: string): string {
  return `(^|/)node_modules/(@types/)?${name}/`;
}

function table(markdown: string, heading: string): string[][] {
  const section = markdown.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) => row.split("|").slice(1, -1));
}

function names(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}
