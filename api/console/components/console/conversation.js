/* A talk's script: news without opening the page anew, and ready-made replies. The page works without it. */

import { Box, newName, OVER, post } from "./write.js";
import { ring } from "./console.js";
import { asMarkup, become } from "./markup.js";

const ANNOUNCE_MS = 1000;
const AGAIN_MS = 5000;
const QUIET_MS = 45000;
const FIND_MS = 400;

/** The lines: new ones at their place, changed ones in place of what they were, and said once to a screen reader. */
class Lines {
  constructor($root) {
    this.$root = $root;
    this.$lines = document.getElementById("lines");
    this.$turns = document.getElementById("turns");
    this.after = this.newest();
    this.$log = document.getElementById("new-lines");
    this.unread = 0;
    document.addEventListener("visibilitychange", () => this.read());
    window.addEventListener("focus", () => this.read());
  }

  show(html) {
    const wasAtEnd = this.isAtEnd();
    const fresh = [...asMarkup(html).querySelectorAll(".turn")].filter(($turn) => this.put($turn));
    const heard = fresh.filter(($turn) => $turn.dataset.by !== "advocate");
    this.after = this.newest();
    this.mark(fresh.filter(($turn) => $turn.dataset.by === "child"));
    this.announce(heard);
    if (wasAtEnd || fresh.some(($turn) => $turn.dataset.by === "advocate")) this.toEnd();
  }

  /** True for a line that was not there. */
  put($turn) {
    const $old = document.getElementById($turn.id);
    if ($old) {
      become($old, $turn);
      return false;
    }
    const after = [...this.$turns.children].find(($one) => Number($one.dataset.number) > Number($turn.dataset.number));
    this.$turns.insertBefore($turn, after ?? document.getElementById("latest"));
    return true;
  }

  /** The newest change that the page shows. */
  newest() {
    return Math.max(0, ...[...this.$turns.querySelectorAll(".turn")].map(($turn) => Number($turn.dataset.change)));
  }

  /** Says of each message whether the child's page has it. */
  fetched(waiting) {
    const numbers = new Set(waiting.split(" "));
    this.$lines.querySelectorAll(".turn").forEach(($turn) => {
      const $delivery = $turn.querySelector("[data-delivery]");
      if (!$delivery || numbers.has($turn.dataset.number)) return;
      $delivery.textContent = this.$root.dataset.onPage;
      $turn.querySelector(".change")?.remove();
    });
  }

  /** Where the new words begin that came while nobody looked. Known to this page alone. */
  mark(turns) {
    if (document.hasFocus() || turns.length === 0) return;
    if (this.unread === 0) {
      this.unmark();
      turns[0].before(asMarkup('<p class="happened new-mark">New</p>'));
    }
    this.unread += turns.length;
    this.title();
  }

  unmark() {
    this.$turns.querySelector(".new-mark")?.remove();
  }

  read() {
    if (!document.hasFocus()) return;
    this.unread = 0;
    this.title();
  }

  title() {
    document.title = (this.unread ? `(${this.unread}) ` : "") + this.$root.dataset.title;
  }

  announce(turns) {
    if (turns.length === 0) return;
    this.tell(turns.map(($turn) => {
      const $words = $turn.querySelector(".line-words p, .happened");
      return `${$turn.querySelector("h3")?.textContent ?? ""} ${$words?.textContent ?? ""}`;
    }).join(" "));
  }

  /** Said once to a screen reader. */
  tell(words) {
    this.$log.textContent = words;
    window.setTimeout(() => { this.$log.textContent = ""; }, ANNOUNCE_MS);
  }

  /** Turned round, the list counts its places from its end backwards. */
  isAtEnd() {
    return this.$lines.scrollTop > -80;
  }

  toEnd() {
    this.$lines.scrollTop = 0;
  }

  clear() {
    this.$turns.querySelectorAll(".turn").forEach(($turn) => $turn.remove());
  }
}

/** News of the talk, as long as it is open and with this advocate. */
class News {
  constructor($root, lines, writing) {
    this.$root = $root;
    this.lines = lines;
    this.writing = writing;
    this.listen();
    this.heard();
  }

  listen() {
    const source = new EventSource(this.$root.dataset.stream);
    const on = (name, act) => source.addEventListener(name, (event) => { this.heard(); act(event.data); });
    on("lines", (html) => this.lines.show(html));
    on("waiting", (numbers) => { ring("told", ""); this.lines.fetched(numbers); });
    on("around", (html) => this.around(html));
    on("beat", () => {});
    on("away", () => ring("told", "away"));
    on("over", (why) => this.over(why));
    on("ended", () => { this.over(""); ring("told", "ended"); });
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) this.lost(); });
    this.source = source;
  }

  around(html) {
    const wasInDanger = document.querySelector(".danger-bar") !== null;
    asMarkup(html).querySelectorAll("#around-mine, #around-page, #around-danger").forEach(($part) => {
      const $old = document.getElementById($part.id);
      if ($old) become($old, $part);
    });
    const $danger = document.querySelector(".danger-bar");
    if ($danger && !wasInDanger) this.lines.tell($danger.textContent);
  }

  /** The server refused, or is starting anew. A page that is asked for says which. */
  lost() {
    ring("told", "away");
    window.setTimeout(() => { if (!this.isOver) this.listen(); }, AGAIN_MS);
  }

  /** A line that is dead without a word is made anew. */
  heard() {
    window.clearTimeout(this.timer);
    if (this.isOver) return;
    ring("heard");
    this.timer = window.setTimeout(() => { this.source.close(); this.listen(); this.heard(); }, QUIET_MS);
  }

  over(why) {
    this.isOver = true;
    this.source.close();
    window.clearTimeout(this.timer);
    if (why !== "closed") this.lines.clear();
    this.writing?.over(OVER[why] ?? "");
  }
}

/** Ready-made replies: open by /, found while typing, sent as they are signed. */
class Ready {
  constructor($root, box) {
    this.$root = $root;
    this.box = box;
    this.$find = document.getElementById("find");
    this.$q = document.getElementById("q");
    this.$answers = document.getElementById("answers");
    document.addEventListener("console:ready-made", () => this.open());
    $root.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    this.$q.addEventListener("input", () => this.typed());
    this.$find.addEventListener("submit", (event) => { event.preventDefault(); this.find(); });
    document.getElementById("send-ready").addEventListener("submit", (event) => this.submitted(event));
  }

  open() {
    this.$root.open = true;
    this.$q.focus();
    this.$root.scrollIntoView({ block: "start" });
  }

  close() {
    this.$root.open = false;
    this.box.$box.focus();
  }

  typed() {
    const wanted = this.$q.value.trim().toLowerCase();
    document.querySelectorAll("#snippet-list > li").forEach(($one) => {
      $one.hidden = wanted !== "" && !$one.textContent.toLowerCase().includes(wanted);
    });
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.find(), FIND_MS);
  }

  async find() {
    window.clearTimeout(this.timer);
    try {
      const answer = await post(this.$find, this.$find.action, new FormData(this.$find));
      if (!answer.ok) throw new Error();
      this.$answers.innerHTML = await answer.text();
    } catch {
      this.$answers.textContent = "Nothing could be looked up now. Try again.";
    }
  }

  async submitted(event) {
    event.preventDefault();
    const $form = event.target;
    const body = new FormData($form);
    body.append("card", event.submitter.value);
    body.append("after", this.box.lines.after);
    if (this.busy) return;
    this.busy = true;
    try {
      const answer = await post($form, $form.action, body);
      if (await this.box.refused(answer)) return;
      this.box.lines.show(await answer.text());
      this.box.tell("Sent.");
      $form.elements.client_id.value = newName();
      this.$q.value = "";
      this.typed();
      this.close();
    } catch {
      this.box.tell("Not sent. Try again.");
    } finally {
      this.busy = false;
    }
  }
}

const $talk = document.querySelector("[data-module=advocate-talk]");
if ($talk) {
  const lines = new Lines($talk);
  const $write = document.getElementById("write");
  const box = $write ? new Box($write, lines) : null;
  if (box) new Ready(document.getElementById("snippets"), box);
  if ($talk.dataset.stream) new News($talk, lines, box);
}
