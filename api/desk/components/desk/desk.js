/* The desk's script: checks words while they are typed. Every page works without it. */

const PAUSE_MS = 700;

/** The wording editor: sends what is typed to be checked after a pause, and shows what the rules make of it. */
class Wording {
  constructor($form) {
    this.$form = $form;
    this.$checked = document.getElementById("checked");
    this.$told = document.getElementById("check-told");
    this.changed = "unsaved" in $form.dataset;
    $form.addEventListener("input", () => this.wait());
    $form.addEventListener("submit", () => { this.changed = false; });
    window.addEventListener("beforeunload", (event) => { if (this.changed) event.preventDefault(); });
  }

  wait() {
    this.changed = true;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.check(), PAUSE_MS);
  }

  async check() {
    this.stop?.abort();
    this.stop = new AbortController();
    try {
      const answer = await fetch(this.$form.dataset.check, {
        method: "POST", headers: { "X-Fragment": "1" }, signal: this.stop.signal,
        body: new URLSearchParams(new FormData(this.$form)),
      });
      if (!answer.ok) throw new Error();
      const $pictures = document.getElementById("without-pictures");
      const hidden = $pictures?.checked;
      this.$checked.innerHTML = await answer.text();
      if (hidden) document.getElementById("without-pictures").checked = true;
      this.$told.textContent = this.$checked.querySelector("[data-sum] strong").textContent;
    } catch (error) {
      if (error.name !== "AbortError") this.$told.textContent = "Not checked: sign in again or try later. What you typed is still here.";
    }
  }
}

/** What went wrong is seen and read out first. */
const $wrong = document.querySelector('.told-off[role="alert"]');
if ($wrong) {
  $wrong.tabIndex = -1;
  $wrong.focus();
}

const DESK_MODULES = { wording: Wording };
document.querySelectorAll("[data-module]").forEach(($root) => {
  const Module = DESK_MODULES[$root.dataset.module];
  if (Module) new Module($root);
});
