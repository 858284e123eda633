// My letter: printing, copying and saving. Nothing leaves the page but what the reader takes along.

const LINE = "______________________________";

/** One letter. Without this it is read, and printed with the browser's own way. */
class Letter {
  constructor($root) {
    this.$root = $root;
    this.$told = $root.querySelector("[role=status]");
    this.offer("print", () => window.print());
    if (navigator.clipboard) this.offer("copy", () => this.copy());
    this.offer("save", () => this.save());
    // Who comes back finds every letter closed, and who left shows none.
    window.addEventListener("pagehide", () => ($root.open = false));
  }

  offer(act, does) {
    const $button = this.$root.querySelector(`[data-act=${act}]`);
    $button.hidden = false;
    $button.addEventListener("click", does);
  }

  get text() {
    const $lines = [...this.$root.querySelectorAll(".my-letter-paper > p")];
    return $lines.map(($one) => $one.innerText.trim() + ($one.matches(".my-letter-line") ? ` ${LINE}` : "")).join("\n\n");
  }

  copy() {
    const { content } = this.$root.querySelector("template");
    navigator.clipboard.writeText(this.text).then(
      () => this.$told.replaceChildren(content.cloneNode(true)),
      () => {},
    );
  }

  save() {
    const $link = document.createElement("a");
    $link.href = URL.createObjectURL(new Blob([this.text], { type: "text/plain" }));
    $link.download = "letter.txt";
    $link.click();
    URL.revokeObjectURL($link.href);
  }
}

document.querySelectorAll("[data-module=letter]").forEach(($root) => new Letter($root));
