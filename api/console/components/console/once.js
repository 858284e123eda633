// A form that must not be sent twice; without this, the server knows its second coming by its name.

/** What is kept once is sent once, however often its button is pressed. */
document.querySelectorAll("form[data-once]").forEach(($form) => {
  $form.addEventListener("submit", (event) => {
    if ($form.dataset.sent) event.preventDefault();
    $form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete $form.dataset.sent; });
});
