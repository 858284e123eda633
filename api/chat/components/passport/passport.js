// My passport: full screen, printing and clearing. What is picked stays in the page and goes with it.

/** The page that somebody makes. Without this it is picked, shown and printed as well. */
class Passport {
  constructor($root) {
    this.$root = $root;
    this.whole = document.documentElement;
    this.offer("clear", () => this.clear());
    this.offer("print", () => window.print());
    if (this.whole.requestFullscreen && document.fullscreenEnabled) {
      this.$full = this.offer("full", () => this.turn());
      this.words = this.$full.textContent;
      document.addEventListener("fullscreenchange", () => this.name());
    }
    // Back finds nothing picked, whether the browser kept the page or makes it again.
    window.addEventListener("pagehide", () => this.clear());
    window.addEventListener("pageshow", (event) => event.persisted && this.clear());
  }

  offer(act, does) {
    const $button = this.$root.querySelector(`[data-act=${act}]`);
    $button.hidden = false;
    $button.addEventListener("click", does);
    return $button;
  }

  clear() {
    this.$root.querySelectorAll("[type=checkbox]").forEach(($one) => ($one.checked = false));
    this.$root.querySelectorAll("textarea").forEach(($one) => ($one.value = ""));
  }

  turn() {
    // All of the page, so that leaving quickly stays on it.
    const turning = document.fullscreenElement ? document.exitFullscreen() : this.whole.requestFullscreen();
    turning.catch(() => {});
  }

  name() {
    this.$full.textContent = document.fullscreenElement ? this.$full.dataset.small : this.words;
  }
}

document.querySelectorAll("[data-module=passport]").forEach(($root) => new Passport($root));
