// The sentences that a page holds ready for its script: in its language, and written by the server.

/** One sentence of the page, as the server has it in this page's language. */
export function phrase(name) {
  return [...document.querySelector(`#phrases [data-say="${name}"]`).cloneNode(true).childNodes];
}
