/* Writing in a talk: sends without losing a word, and checks while it is typed. The page works without it. */

import { asMarkup } from "./markup.js";

const CHECK_MS = 600;
const PATIENCE_MS = 10000;
const NEAR_LONGEST = 1800;
const LONGEST = 2000;
export const OVER = {
  closed: "This talk is over. What you were writing is still in the box.",
  elsewhere: "This talk is not with you any more. What you were writing is still in the box.",
  forgotten: "The child had this talk deleted. What you were writing is still in the box.",
};
OVER[404] = OVER.forgotten;
const NOT_SENT = "Not sent. Your words are still here. Try again.";
/** The answers that say in a sentence why a message was not sent; any other is a page. */
const SAYS_WHY = new Set([401, 409, 422, 503]);

/** Sends a form without leaving the page. What comes back is read as markup; when it did not work, as words. */
export async function post($form, address, body) {
  const giveUp = new AbortController();
  const limit = window.setTimeout(() => giveUp.abort(), PATIENCE_MS);
  try {
    return await fetch(address, { method: "POST", headers: { "X-Fragment": "1" }, body: new URLSearchParams(body), signal: giveUp.signal });
  } finally {
    window.clearTimeout(limit);
  }
}

/** A name of its own for the next message: sent twice, it is one message. */
export function newName() {
  return [...window.crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The box: sends, changes, checks while it is typed in, and keeps every word until it is sent. */
export class Box {
  constructor($form, lines) {
    this.$form = $form;
    this.lines = lines;
    this.$box = $form.querySelector("[name=text]");
    this.$told = document.getElementById("written");
    this.$advice = document.getElementById("advice");
    this.$form.querySelector("[data-keys]").hidden = false;
    $form.addEventListener("submit", (event) => this.submitted(event));
    this.$box.addEventListener("keydown", (event) => this.key(event));
    this.$box.addEventListener("input", () => this.typed());
    document.getElementById("put-word").addEventListener("click", (event) => this.putWord(event));
    document.getElementById("stop").addEventListener("click", (event) => this.stop(event));
    lines.$lines.addEventListener("click", (event) => this.wantsChange(event));
    window.addEventListener("beforeunload", (event) => { if (this.isWriting && this.$box.value.trim()) event.preventDefault(); });
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.$form.requestSubmit(document.getElementById("send"));
    } else if (event.key === "/" && this.$box.value === "") {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("console:ready-made"));
    }
  }

  typed() {
    this.isWriting = true;
    this.lines.unmark();
    const long = this.$box.value.length;
    if (long > NEAR_LONGEST) this.tell(`${LONGEST - long} letters left.`);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.check(), CHECK_MS);
  }

  async check() {
    const text = this.$box.value;
    if (text === this.checked) return;
    this.checked = text;
    this.stopped?.abort();
    this.stopped = new AbortController();
    try {
      const answer = await fetch("/console/check", {
        method: "POST", headers: { "X-Fragment": "1" }, body: this.body(), signal: this.stopped.signal,
      });
      if (!answer.ok) throw new Error();
      this.$advice.innerHTML = await answer.text();
    } catch (error) {
      // Advice that cannot be had stands in nobody's way.
      if (error.name !== "AbortError") this.$advice.replaceChildren();
    }
  }

  submitted(event) {
    const doing = event.submitter;
    if (doing?.id === "check") {
      event.preventDefault();
      this.checked = undefined;
      this.check().then(() => this.tell(this.$advice.textContent.trim() ? "Checked: see below." : "Write something first."));
    } else if (!this.isWhole) {
      event.preventDefault();
      this.send();
    } else {
      this.isWriting = false;
    }
  }

  async send() {
    if (this.busy) return;
    this.busy = true;
    const body = this.body();
    const sent = this.$box.value;
    this.tell("Sending.");
    try {
      const answer = await post(this.$form, this.$form.action, body);
      if (await this.refused(answer)) return;
      this.lines.show(await answer.text());
      if (this.$box.value === sent) this.$box.value = "";
      this.fresh();
      this.tell("Sent.");
    } catch {
      this.tell(NOT_SENT);
    } finally {
      this.busy = false;
    }
  }

  /** True when it did not work; says why, and keeps the words. */
  async refused(answer) {
    if (answer.ok) return false;
    const why = SAYS_WHY.has(answer.status) ? asMarkup(await answer.text()).textContent.trim() : OVER[answer.status] ?? NOT_SENT;
    // Sent as a whole page, it asks to sign in and carries the words along.
    this.isWhole = answer.status === 401;
    if (answer.status === 409 && this.number() !== "0") this.mode("say", "0");
    this.tell(why + (this.isWhole ? " Press Send once more." : ""));
    return true;
  }

  /** An empty box, ready for the next message; or for the one that was being written before a change. */
  fresh() {
    this.isWriting = false;
    this.mode("say", "0");
    this.$form.elements.client_id.value = newName();
    document.getElementById("picture-none").checked = true;
    document.getElementById("pictures").open = false;
    this.$advice.replaceChildren();
    this.checked = undefined;
    if (!this.$box.value && this.before) this.$box.value = this.before;
    this.before = "";
  }

  wantsChange(event) {
    const $link = event.target.closest(".change");
    if (!$link) return;
    event.preventDefault();
    const $turn = $link.closest(".turn");
    if (this.number() === "0") this.before = this.$box.value;
    this.$box.value = $turn.querySelector(".line-words p").textContent;
    const picture = $turn.querySelector(".line-words img")?.getAttribute("src").match(/([a-z0-9-]+)\.svg$/)?.[1] ?? "none";
    document.getElementById(`picture-${picture}`).checked = true;
    this.mode("change", $turn.dataset.number);
    this.$box.focus();
  }

  stop(event) {
    event.preventDefault();
    this.$box.value = "";
    this.fresh();
    this.tell("");
    this.$box.focus();
  }

  mode(name, number) {
    this.$form.action = this.$form.dataset[name];
    this.$form.elements.number.value = number;
    const $label = this.$form.querySelector("label[for=text]");
    $label.textContent = name === "change" ? $label.dataset.change : $label.dataset.new;
    document.getElementById("send").textContent = name === "change" ? "Send the change" : "Send";
    document.getElementById("stop").hidden = name !== "change";
  }

  number() {
    return this.$form.elements.number.value;
  }

  putWord(event) {
    event.preventDefault();
    const $word = document.getElementById("word").selectedOptions[0];
    const at = this.$box.selectionEnd;
    const before = this.$box.value.slice(0, at);
    const glue = before && !before.endsWith("\n") ? "\n" : "";
    this.$box.setRangeText(glue + $word.dataset.meaning, at, at, "end");
    this.typed();
    this.$box.focus();
  }

  body() {
    const body = new URLSearchParams(new FormData(this.$form));
    body.set("after", this.lines.after);
    return body;
  }

  over(why) {
    document.getElementById("send").setAttribute("aria-disabled", "true");
    if (why) this.tell(why);
  }

  tell(words) {
    this.$told.textContent = words;
  }
}
