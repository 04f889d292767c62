/** No answer of a model is longer; a server that sends more would fill the memory. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/** `fetch` whose response bodies end with an error after 64 MiB, and which tells no other host what was asked. */
export async function boundedFetch(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: "manual" });
  if (response.body === null) return response;
  let bytes = 0;
  const bounded = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        if (bytes > MAX_RESPONSE_BYTES) controller.error(new Error("response too long"));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(bounded, { status, statusText, headers });
}
