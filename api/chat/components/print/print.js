// Offers to print a page; without this, the browser's own way to print is there.

document.querySelectorAll("[data-module=print]").forEach(($button) => {
  $button.hidden = false;
  // In the frame of another site nothing may print, and a browser does not say so: there the page opens by itself.
  $button.addEventListener("click", () => (window === window.top ? window.print() : window.open(location.href, "_blank", "noopener")));
});
