/* Cards for a session: arrow keys turn them, and on two devices the one that somebody turned to comes by itself. The server
   renders every card, and each link and form works without this. */

import { Stream } from "../stream/stream.js";

const ANNOUNCE_MS = 1500;
const PATIENCE_MS = 15000;
const OWN_ARROWS = "input:not([type=hidden]), textarea, select, audio, video, [role=group] audio";

/** Says new words once to screen readers. */
class Sayer {
  constructor($log) {
    this.$log = $log;
    document.addEventListener("say-once", (event) => this.say(event.detail));
  }

  say($parts) {
    const $words = document.createElement("p");
    $words.textContent = [...$parts].map(($one) => $one.textContent.trim().replace(/\s+/g, " ")).map((one) => (/[.?!:]$/.test(one) ? one : `${one}.`)).join(" ");
    this.$log.append($words);
    window.setTimeout(() => $words.remove(), ANNOUNCE_MS);
  }
}

/** The right arrow goes on to the next card and the left one back, where the arrows do nothing else. */
class Arrows {
  constructor() {
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest(OWN_ARROWS)) return;
    const ways = { ArrowRight: "[rel=next], .deck-turn [value=next]", ArrowLeft: "[rel=prev], .deck-turn [value=back]" };
    const $way = ways[event.key] && document.querySelector(ways[event.key]);
    if (!$way) return;
    event.preventDefault();
    $way.click();
  }
}

/** On one screen each card takes the place of the one before, so that the list of pages shows one line. */
class OneScreen {
  constructor() {
    document.addEventListener("click", (event) => this.pressed(event));
  }

  pressed(event) {
    const $link = event.target.closest("a[rel=next], a[rel=prev]");
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0;
    if (!$link || elsewhere) return;
    event.preventDefault();
    window.location.replace($link.href);
  }
}

/** One of two devices: puts in the card that somebody turned to, and turns it for the other one. */
class DeckTogether {
  constructor($form) {
    this.$form = $form;
    this.$told = document.getElementById("told");
    this.busy = false;
    document.querySelectorAll("[data-plain]").forEach(($plain) => { $plain.hidden = true; });
    $form.addEventListener("submit", (event) => this.submitted(event));
    this.stream = new Stream(this);
    this.stream.open();
  }

  get $card() {
    return document.getElementById("deck-card");
  }

  get change() {
    return Number(this.$card.dataset.change);
  }

  /** Where news of this deck come from: with how this device likes to read, which its own address says. */
  address() {
    const query = new URLSearchParams(window.location.search);
    query.set("here", this.$form.elements.here.value);
    query.set("after", this.change);
    return `${this.$form.dataset.stream}?${query}`;
  }

  get heard() {
    return {
      card: (html) => this.take(html),
      others: (html) => this.joined(html),
      away: () => this.tell("away"),
      over: () => this.over(),
      shut: () => window.location.reload(),
    };
  }

  connected() {
    this.tell();
  }

  lost() {
    this.tell("lost");
  }

  submitted(event) {
    if (!("submitter" in event)) return;
    event.preventDefault();
    // A second press of the same button is one press too many, and never turns two cards.
    if (!this.busy) this.turn(event.submitter);
  }

  async turn($button) {
    this.busy = true;
    const giveUp = new AbortController();
    const limit = window.setTimeout(() => giveUp.abort(), PATIENCE_MS);
    const body = new URLSearchParams(new FormData(this.$form));
    body.set("turn", $button.value);
    try {
      const answer = await fetch(this.$form.action, {
        method: "POST", headers: { "X-Fragment": "1" }, body, signal: giveUp.signal,
      });
      if (answer.status === 410) this.over();
      else if (answer.ok) this.take(await answer.text());
      else this.tell("not-turned");
    } catch {
      this.tell("not-turned");
    } finally {
      window.clearTimeout(limit);
      this.busy = false;
    }
  }

  /** The parts of a newer card take the place of those on the page. */
  take(html) {
    const $page = new DOMParser().parseFromString(html, "text/html");
    const $new = $page.getElementById("deck-card");
    if (!$new || Number($new.dataset.change) <= this.change) return;
    if ($new.dataset.end || this.$card.dataset.end) {
      // The end has other helps than a card, and each is made ready when its page is opened.
      window.location.reload();
      return;
    }
    const $held = document.activeElement;
    this.swap(this.$card, $new);
    this.swap(document.getElementById("turn"), $page.getElementById("turn"));
    this.hold($held);
    const $answer = this.$card.querySelector(".answer");
    document.dispatchEvent(new CustomEvent("answered", { detail: $answer }));
    document.dispatchEvent(new CustomEvent("say-once", { detail: [document.getElementById("deck-at"), $answer.querySelector("h3")] }));
    if (this.$card.getBoundingClientRect().top < 0) this.$card.scrollIntoView({ block: "start" });
    this.tell();
  }

  swap($old, $new) {
    Object.assign($old.dataset, $new.dataset);
    $old.replaceChildren(...$new.childNodes);
  }

  /** Whoever stood on something that is gone stands on the same of the new card, else at its top. */
  hold($held) {
    if ($held.isConnected || $held === document.body) return;
    const $same = $held.name === "turn" ? [...this.$form.querySelectorAll("[name=turn]")] : [];
    const $to = $same.find(($one) => $one.value === $held.value) ?? $same.at(-1) ?? document.getElementById("deck-at");
    if ($to.tabIndex < 0) $to.tabIndex = -1;
    $to.focus({ preventScroll: true });
  }

  joined(html) {
    const $new = new DOMParser().parseFromString(html, "text/html").getElementById("others");
    const $old = document.getElementById("others");
    if ($new.dataset.joined === $old.dataset.joined) return;
    this.swap($old, $new);
    document.dispatchEvent(new CustomEvent("say-once", { detail: $old.querySelectorAll(".deck-joined") }));
  }

  over() {
    this.stream.close();
    window.location.replace(this.$form.dataset.over);
  }

  tell(name = "") {
    if ((this.$told.dataset.now ?? "") === name) return;
    this.$told.dataset.now = name;
    this.$told.textContent = name ? document.querySelector(`#phrases [data-say="${name}"]`).textContent : "";
  }
}

const $deckLog = document.getElementById("new-messages");
if ($deckLog) new Sayer($deckLog);
if (document.querySelector("[data-module=deck]")) {
  new Arrows();
  new OneScreen();
}
const $together = document.querySelector("[data-module=deck-together]");
if ($together) new DeckTogether($together);
