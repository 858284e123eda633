// Puts what the server rendered into a page.

/** The parts that a piece of markup holds. */
export function asMarkup(html) {
  const $new = document.createElement("template");
  $new.innerHTML = html;
  return $new.content;
}

/** Makes one part of the page like another, and touches only what differs: the focus stays where it is. */
export function become($old, $new) {
  if ($old.isEqualNode($new)) return;
  const olds = [...$old.childNodes];
  const news = [...$new.childNodes];
  const isAlike = $old.nodeType === Node.ELEMENT_NODE && $old.nodeName === $new.nodeName && $old.id === $new.id
    && olds.length === news.length;
  if (!isAlike) {
    $old.replaceWith($new);
    return;
  }
  [...$new.attributes].forEach(({ name, value }) => $old.setAttribute(name, value));
  olds.forEach(($child, at) => become($child, news[at]));
}
