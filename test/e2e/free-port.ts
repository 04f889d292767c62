import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Of this machine, for a server that has to know its own before it starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return free;
}
