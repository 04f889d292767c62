/** All that a command finds in its environment before its caller adds to it; nothing of the host's. */
export const JOB_ENV: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/home/job",
  LANG: "C.UTF-8",
  CI: "1",
  NO_COLOR: "1",
  TERM: "dumb",
  PAGER: "cat",
  GIT_PAGER: "cat",
};

/** Where the host's extra certificates stand in a sandbox that may reach something. */
export const HOST_CERTIFICATES = "/home/job/.host-certificates.pem";

/** Makes the usual programs trust the host's extra certificates. */
export function certificateEnv(): Readonly<Record<string, string>> {
  return {
    NODE_EXTRA_CA_CERTS: HOST_CERTIFICATES,
    SSL_CERT_FILE: HOST_CERTIFICATES,
    CURL_CA_BUNDLE: HOST_CERTIFICATES,
    GIT_SSL_CAINFO: HOST_CERTIFICATES,
    REQUESTS_CA_BUNDLE: HOST_CERTIFICATES,
    PIP_CERT: HOST_CERTIFICATES,
  };
}
