// Makes an answer easier to go through: one idea at a time, meanings under the words, pictures on and off.

/** Shows the next idea where it was asked for, and says it once. Without this, the browser opens it just as well. */
class Pace {
  constructor($talk) {
    // Opening a part is not heard further up, so it is caught on its way down.
    $talk.addEventListener("toggle", (event) => this.opened(event.target), true);
    $talk.addEventListener("click", (event) => this.asked(event));
    window.addEventListener("beforeprint", () => this.quietly($talk.querySelectorAll(".pace")));
    this.silent = new WeakSet();
  }

  opened($part) {
    if (!$part.matches(".pace") || !$part.open || "read" in $part.dataset || this.silent.delete($part)) return;
    const $bubble = $part.querySelector(".bubble");
    focusOn($bubble);
    sayOnce([$bubble]);
  }

  asked(event) {
    const $link = event.target.closest(".show-all a");
    if (!$link) return;
    event.preventDefault();
    const $hidden = [...$link.closest(".answer").querySelectorAll(".pace:not([open])")];
    const $new = $hidden.map(($part) => $part.querySelector(".bubble"));
    this.quietly($hidden);
    focusOn($new[0]);
    sayOnce($new);
  }

  quietly($parts) {
    $parts.forEach(($part) => {
      if ($part.open) return;
      this.silent.add($part);
      $part.open = true;
    });
  }
}

/** Shows what a hard word means right under its bubble, for whoever taps it. By key, and without this, the list does. */
class Words {
  constructor($talk) {
    this.$word = null;
    $talk.addEventListener("click", (event) => this.pressed(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  pressed(event) {
    const $word = event.target.closest(".word");
    if (event.target.closest(".word-close")) this.close();
    if (!$word) return;
    const again = $word === this.$word;
    this.close();
    if (!again) this.open($word);
  }

  open($word) {
    const $entry = document.getElementById($word.dataset.entry);
    const $close = document.createElement("button");
    $close.type = "button";
    $close.className = "quiet word-close";
    $close.textContent = document.getElementById("talk").dataset.close;
    this.$panel = document.createElement("div");
    this.$panel.className = "word-panel";
    this.$panel.append($entry.cloneNode(true), $close);
    this.$panel.firstElementChild.removeAttribute("id");
    $word.closest(".bubble").after(this.$panel);
    $word.classList.add("is-open");
    this.$word = $word;
    sayOnce([this.$panel.firstElementChild]);
  }

  close() {
    if (!this.$word) return;
    if (this.$panel.contains(document.activeElement)) focusOn(this.$word.closest(".bubble"));
    this.$panel.remove();
    this.$word.classList.remove("is-open");
    this.$word = null;
  }
}

/** The row under an answer: what cannot help now says why, and pictures go or come without losing anything. */
class Row {
  constructor($talk) {
    this.code = $talk.querySelector("[data-code]").dataset.code;
    $talk.addEventListener("click", (event) => this.pressed(event));
    document.addEventListener("answered", (event) => this.turned(event.detail));
  }

  pressed(event) {
    const $button = event.target.closest("[data-why]");
    if ($button) document.getElementById("told").textContent = $button.dataset.why;
  }

  /** The new answer's own button says how it was shown; the rest of the page goes along. */
  turned($answer) {
    const $button = $answer.querySelector("[data-pictures]");
    document.documentElement.dataset.pictures = $button.getAttribute("aria-pressed") === "true" ? "pictures" : "no-pictures";
    if (this.code !== $button.dataset.code) this.carry($button.dataset.code);
    this.code = $button.dataset.code;
  }

  /** What the server has served the answer with stands in the addresses of the page from now on. */
  carry(code) {
    const named = (address) => {
      const url = new URL(address, window.location);
      if (code) url.searchParams.set("reading", code);
      else url.searchParams.delete("reading");
      return url.pathname + url.search + url.hash;
    };
    for (const name of ["href", "action"]) {
      document.querySelectorAll(`body [${name}^="/"]`).forEach(($one) => $one.setAttribute(name, named($one.getAttribute(name))));
    }
    document.querySelectorAll("form[method=get]:not([data-reading])").forEach(($form) => {
      const $input = $form.elements.reading ?? $form.appendChild(document.createElement("input"));
      Object.assign($input, { type: "hidden", name: "reading", value: code });
    });
    window.history.replaceState(null, "", named(window.location.href));
  }
}

function focusOn($bubble) {
  $bubble.tabIndex = -1;
  $bubble.focus({ preventScroll: true });
  $bubble.scrollIntoView({ block: "nearest" });
}

function sayOnce($parts) {
  document.dispatchEvent(new CustomEvent("say-once", { detail: $parts }));
}

const $answers = document.getElementById("talk");
if ($answers) [Pace, Words, Row].forEach((Part) => new Part($answers));
