/* The console's script: keeps the queue up to date, and says that this browser is still there. Every page works without it. */

import { asMarkup, become } from "./markup.js";

const STILL_MS = 25000;
const AGAIN_MS = 5000;
const SAID_ONCE_MS = 1000;
// The server sends something every 15 seconds, if only a beat.
const TOO_QUIET_MS = 45000;

/** What one part of the page tells the others: "heard" of news, "told" what is to be shown above. */
export function ring(name, detail) {
  document.dispatchEvent(new CustomEvent(`console:${name}`, { detail }));
}

/** Says to the server that this browser is still there, and shows what stands in the way of the page. */
class Here {
  constructor($root) {
    this.$root = $root;
    this.$told = $root.querySelector("[role=alert]");
    this.last = Date.now();
    this.timer = window.setInterval(() => this.still(), STILL_MS);
    // In the background clocks are slow, but news comes as ever.
    document.addEventListener("console:heard", () => this.still());
    document.addEventListener("console:told", (event) => this.tell(event.detail));
  }

  async still() {
    if (this.told === "ended" || Date.now() - this.last < STILL_MS / 2) return;
    this.last = Date.now();
    try {
      const answer = await fetch(this.$root.dataset.still, {
        method: "POST", headers: { "X-Fragment": "1" }, body: new URLSearchParams({ mark: this.$root.dataset.mark }),
      });
      if (answer.status === 401) ring("told", "ended");
    } catch {
      // Whoever waits for news says when nothing can be reached.
    }
  }

  tell(what) {
    if (what === this.told || this.told === "ended") return;
    this.told = what;
    const $words = this.$root.querySelector(`template[data-told="${what}"]`);
    this.$told.replaceChildren(...($words ? [$words.content.cloneNode(true)] : []));
    this.$told.hidden = !$words;
    if (what === "ended") window.clearInterval(this.timer);
  }
}

/** The queue: shows it as the server sends it, says once what is new, and counts in the title who waits. */
class Queue {
  constructor($root) {
    this.$root = $root;
    this.$once = document.getElementById("told-once");
    this.said = this.sayings();
    this.listen();
    this.heard();
  }

  listen() {
    const source = new EventSource(this.$root.dataset.stream);
    source.addEventListener("queue", (event) => this.show(event.data));
    source.addEventListener("title", (event) => this.bell(Number(event.data)));
    source.addEventListener("beat", () => this.heard());
    source.addEventListener("away", () => { this.heard(); ring("told", "away"); });
    source.addEventListener("ended", () => this.end());
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) this.lost(); });
    this.source = source;
  }

  /** The server refused: the page itself says why, or all is well again. */
  lost() {
    this.ask();
    window.setTimeout(() => { if (!this.isOver) this.listen(); }, AGAIN_MS);
  }

  heard() {
    window.clearTimeout(this.timer);
    if (this.isOver) return;
    this.timer = window.setTimeout(() => this.ask(), TOO_QUIET_MS);
    ring("heard");
  }

  /** Asks once, for where events do not come through. */
  async ask() {
    try {
      const answer = await fetch(this.$root.dataset.page, { headers: { "X-Fragment": "1" } });
      if (answer.status === 401) {
        this.end();
        return;
      }
      if (!answer.ok) throw new Error();
      this.show(await answer.text());
    } catch {
      ring("told", "away");
      this.heard();
    }
  }

  end() {
    this.isOver = true;
    this.source.close();
    window.clearTimeout(this.timer);
    ring("told", "ended");
  }

  show(html) {
    this.heard();
    ring("told", "");
    const focused = this.$root.contains(document.activeElement) ? document.activeElement.id : "";
    const $new = asMarkup(html);
    // What somebody has unfolded stays so.
    this.$root.querySelectorAll("details[open]").forEach(($open) => $new.getElementById($open.id)?.setAttribute("open", ""));
    $new.querySelectorAll("section").forEach(($section) => become(document.getElementById($section.id), $section));
    if (focused && !this.$root.contains(document.activeElement)) {
      (document.getElementById(focused) ?? document.getElementById("waiting-name")).focus({ preventScroll: true });
    }
    this.say();
  }

  sayings() {
    return new Map([...this.$root.querySelectorAll("[data-say]")].map(($one) => [$one.id, $one.dataset.say]));
  }

  say() {
    const now = this.sayings();
    const fresh = [...now].filter(([id]) => !this.said.has(id)).map(([, words]) => words);
    this.said = now;
    if (fresh.length === 0) return;
    this.$once.textContent = [...new Set(fresh)].join(" ");
    window.setTimeout(() => { this.$once.textContent = ""; }, SAID_ONCE_MS);
  }

  bell(count) {
    document.title = (count ? `(${count}) ` : "") + this.$root.dataset.title;
    this.heard();
  }
}

const CONSOLE_MODULES = { here: Here, queue: Queue };
document.querySelectorAll("[data-module]").forEach(($root) => {
  const Module = CONSOLE_MODULES[$root.dataset.module];
  if (Module) new Module($root);
});
