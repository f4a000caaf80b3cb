/** What starting an isolate costs by itself. */
export default { fetch: () => new Response("ok") };
