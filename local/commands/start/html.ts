/** Pages of `deno task start`, as text. */

/** Any text as HTML's. */
export const escaped = (text: string) =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A whole page. */
export const page = (title: string, html: string) =>
  new Response(
    `<!doctype html>\n<meta charset="utf-8">\n<title>${escaped(title)}</title>\n${html}`,
    { headers: { "content-type": "text/html; charset=utf-8" } },
  );
