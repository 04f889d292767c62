/** What a sandbox may reach. `none` refuses everything; `allow` lists `host:port` in lower case, exact matches only. */
export type EgressPolicy =
  | { readonly mode: "none" }
  | {
      readonly mode: "allow";
      readonly origins: readonly string[];
      /** Bytes both ways, all connections together; the rest is refused. */
      readonly maxBytes: number;
    };

/** One refused connection, shown to the reviewer. `command` is what ran in the sandbox at that moment. */
export type EgressRefusal = {
  readonly host: string;
  readonly port: number;
  readonly reason: string;
  readonly command: string;
};
