// Copies what stands in a box; without this, it can be marked and copied as ever.

/** A button beside a box. What became of a press is said in the status after it. */
class Copy {
  constructor($button) {
    this.$button = $button;
    this.$box = document.getElementById($button.dataset.from);
    this.$told = $button.nextElementSibling;
    $button.hidden = false;
    $button.addEventListener("click", () => this.copy());
  }

  async copy() {
    this.$told.textContent = "";
    try {
      await navigator.clipboard.writeText(this.$box.value);
      this.$told.textContent = "Copied.";
    } catch {
      // Old browsers, and plain http on another machine, do not let a page copy.
      this.$box.focus();
      this.$box.select();
      this.$told.textContent = "It is marked: copy it with Ctrl and C.";
    }
  }
}

document.querySelectorAll("[data-module=copy]").forEach(($button) => new Copy($button));
