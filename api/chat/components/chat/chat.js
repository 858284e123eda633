// Makes the talk quicker, never different: the server renders every message, and each form works without this.

const ANNOUNCE_MS = 1000;
const QUIET_MS = 500;
const PATIENCE_MS = 10000;

/** The talk: posts its forms, puts the rendered turn in, and says it once to screen readers. */
class Talk {
  constructor($root) {
    this.$root = $root;
    this.$log = document.getElementById("new-messages");
    this.$ask = document.querySelector("[data-module=ask]");
    this.$box = this.$ask.querySelector("[name=text]");
    this.turns = $root.querySelectorAll(".answer").length;
    this.busy = false;
    this.$box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.$ask.querySelector("button").click();
    });
    document.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("say-once", (event) => this.announce(event.detail));
  }

  submitted(event) {
    const $form = event.target;
    // Browsers that do not name the button send the form themselves.
    if (!new URL($form.action).pathname.endsWith("/say") || !("submitter" in event)) return;
    event.preventDefault();
    const body = new FormData($form);
    if (event.submitter?.name) body.append(event.submitter.name, event.submitter.value);
    const wantsPerson = body.get("act") === "person";
    if (!this.busy || wantsPerson) this.send($form, body, event.submitter);
  }

  async send($form, body, $button) {
    this.busy = true;
    const address = $button?.getAttribute("formaction") ?? $form.action;
    const giveUp = new AbortController();
    const limit = window.setTimeout(() => giveUp.abort(), PATIENCE_MS);
    const waiting = window.setTimeout(() => this.tell(this.$ask.dataset.sending), QUIET_MS);
    try {
      const answer = await fetch(address, {
        method: "POST", headers: { "X-Fragment": "1" }, body: new URLSearchParams(body), signal: giveUp.signal,
      });
      if (answer.headers.has("X-Whole-Page")) {
        // A person is here: the form leads there with what was typed.
        $form.submit();
        return;
      }
      if (answer.redirected) {
        window.location.replace(answer.url + (answer.url.includes("#") ? "" : "#latest"));
        return;
      }
      this.show(await answer.text(), answer.ok, $button);
      if (answer.ok && this.$box.value === body.get("text")) this.$box.value = "";
    } catch {
      this.tell(this.$ask.dataset.notSent);
      document.querySelector(".pinned").hidden = false;
    } finally {
      window.clearTimeout(limit);
      window.clearTimeout(waiting);
      this.busy = false;
    }
  }

  show(html, isTurn, $button) {
    const $new = document.createElement("template");
    $new.innerHTML = html;
    const $told = $new.content.querySelector(".told");
    if (!isTurn) {
      this.tell($told.textContent);
      if ("help" in $told.dataset) document.querySelector(".pinned").hidden = false;
      this.token($told.dataset.token);
      return;
    }
    this.tell("");
    if ($button?.matches("[data-pictures]")) this.showAgain($new.content, $button);
    else this.showNext($new.content, $button);
  }

  /** The same answer in its own place, with or without pictures. */
  showAgain($turn, $button) {
    const $answer = $turn.querySelector(".answer");
    const $old = $button.closest(".answer");
    const parts = [...$old.querySelectorAll(".pace")].map(($part) => $part.open);
    this.number($turn);
    $answer.querySelectorAll(".pace").forEach(($part, at) => { $part.open = parts[at]; });
    $old.replaceWith($answer);
    this.token($answer.dataset.token);
    document.dispatchEvent(new CustomEvent("answered", { detail: $answer }));
    $answer.querySelector(".more").open = true;
    $answer.querySelector("[data-pictures]").focus({ preventScroll: true });
  }

  showNext($turn, $button) {
    this.$root.querySelectorAll(".ways-on").forEach(($ways) => { $ways.hidden = true; });
    this.$root.querySelectorAll("#latest").forEach(($old) => $old.removeAttribute("id"));
    const $answer = $turn.querySelector(".answer");
    const $first = $turn.querySelector("article");
    this.number($turn);
    this.$root.append($turn);
    this.token($answer.dataset.token);
    // Help that was offered stays on the page, and once.
    if ($answer.querySelector(".offer")) this.$root.querySelectorAll(".answer:not(#latest) .offer").forEach(($old) => { $old.hidden = true; });
    if ($answer.dataset.alarm) document.querySelector(".pinned").hidden = false;
    this.announce(this.toSay($answer), $answer.querySelector(".bubbles")?.lang);
    // Parts of an answer hear of a new one.
    document.dispatchEvent(new CustomEvent("answered", { detail: $answer }));
    $first.scrollIntoView({ block: "start" });
    // Who typed goes on typing; who pressed, from the answer.
    if ($button && !this.$ask.contains($button)) this.focus($answer.querySelector("h3"));
  }

  /** The page shows more turns than the server remembers; each needs a name of its own. */
  number($turn) {
    this.turns += 1;
    $turn.querySelectorAll("[id]:not(#latest)").forEach(($one) => {
      const name = $one.id;
      $one.id = `${name}-turn-${this.turns}`;
      for (const [attribute, sign] of [["aria-labelledby", ""], ["aria-describedby", ""], ["aria-controls", ""], ["form", ""], ["data-entry", ""], ["href", "#"]]) {
        $turn.querySelectorAll(`[${attribute}="${sign}${CSS.escape(name)}"]`).forEach(($to) => $to.setAttribute(attribute, sign + $one.id));
      }
    });
  }

  focus($heading) {
    $heading.tabIndex = -1;
    $heading.focus({ preventScroll: true });
  }

  token(token) {
    document.querySelectorAll("input[name=chat]").forEach(($input) => { $input.value = token; });
  }

  /** What a new answer says: all of it, or, one idea at a time, the first and how many there are. */
  toSay($answer) {
    const [$heading, ...$ideas] = $answer.querySelectorAll("h3, .bubble-words");
    return $answer.querySelector("[data-part]") ? [$heading, $ideas[0], $answer.querySelector("[data-part]").dataset.part] : [$heading, ...$ideas];
  }

  announce(parts, lang = "") {
    const words = parts.map((part) => (part.textContent ?? part).trim().replace(/\s+/g, " "));
    this.$log.lang = lang;
    // Without a stop a voice runs a heading into what follows.
    this.$log.textContent = words.map((one) => (/[.?!:]$/.test(one) ? one : `${one}.`)).join(" ");
    window.setTimeout(() => { this.$log.textContent = ""; }, ANNOUNCE_MS);
  }

  tell(words) {
    document.getElementById("told").textContent = words;
    if (words) this.$box.setAttribute("aria-describedby", "told");
    else this.$box.removeAttribute("aria-describedby");
  }
}

document.querySelectorAll("[data-module=talk]").forEach(($root) => new Talk($root));
