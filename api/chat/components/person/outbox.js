/* What a child sends to a person: nothing is lost when the line is, and nothing is sent twice. */

import { phrase } from "./phrase.js";

const WAIT_MS = 1000;
const LONGEST_WAIT_MS = 20000;

/** What the child sends, in order: each waits until the server has it, and is sent again under the same name. */
export class Outbox {
  constructor(talk) {
    this.talk = talk;
    this.waiting = [];
    this.busy = false;
    this.wait = WAIT_MS;
  }

  add(text) {
    const $line = document.getElementById("unsent").content.firstElementChild.cloneNode(true);
    const id = [...crypto.getRandomValues(new Uint8Array(15))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    $line.querySelector(".line-words p").textContent = text;
    $line.querySelector("h3").id = `unsent-${id}`;
    $line.setAttribute("aria-labelledby", `unsent-${id}`);
    this.talk.$lines.append($line);
    this.waiting.push({ text, id, $line });
    $line.scrollIntoView({ block: "nearest" });
    this.send();
  }

  async send() {
    if (this.busy || !this.waiting.length) return;
    window.clearTimeout(this.timer);
    this.busy = true;
    const first = this.waiting[0];
    this.say(first, "sending");
    const answer = await this.talk.post("say", { text: first.text, client_id: first.id, after: this.talk.last });
    this.busy = false;
    // The stream may have brought the line before the answer came, or though the answer was lost.
    if (answer?.ok || !this.waiting.includes(first)) {
      this.wait = WAIT_MS;
      this.arrived(first.id);
      if (answer?.ok) this.talk.take(answer.page, { announce: true });
      this.talk.tell();
      this.send();
    } else if (answer && answer.status !== 503 && answer.status < 500) {
      this.refused(first, answer);
    } else {
      this.failed(answer);
    }
  }

  /** The server has it, so its own line stands in the place of ours. */
  arrived(id) {
    const one = this.waiting.find((waiting) => waiting.id === id);
    one?.$line.remove();
    this.waiting = this.waiting.filter((waiting) => waiting !== one);
    if (one && !this.waiting.length) this.talk.tell();
  }

  /** The network or the server did not answer: said as it is, and sent again by itself and by the button. */
  failed(answer) {
    for (const one of this.waiting) this.say(one, "not-sent", true);
    this.waiting.at(-1)?.$line.scrollIntoView({ block: "nearest" });
    const told = this.talk.$told.textContent;
    if (!told) this.talk.tell("trying");
    if (answer) this.talk.help();
    this.timer = window.setTimeout(() => this.send(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  /** Too long, closed, or this is not the talk's page any more: the words go back into the box, and the page says why. */
  refused(first, answer) {
    this.talk.$box.value = [...this.emptied(), this.talk.$box.value].filter(Boolean).join("\n");
    this.talk.take(answer.page, {});
    const $told = answer.page.getElementById("told");
    if ($told) this.talk.tellNodes([...$told.childNodes]);
    if (!answer.page.getElementById("page")) this.talk.slept();
  }

  /** What was not sent, taken out of the line. */
  emptied() {
    const texts = this.waiting.map((one) => one.text);
    for (const one of this.waiting) one.$line.remove();
    this.waiting = [];
    window.clearTimeout(this.timer);
    return texts;
  }

  say(one, name, again = false) {
    const $delivery = one.$line.querySelector(".delivery");
    $delivery.replaceChildren(...phrase(name));
    if (!again) return;
    const $again = document.createElement("button");
    $again.type = "button";
    $again.className = "quiet";
    $again.append(...phrase("again"));
    $again.addEventListener("click", () => { this.wait = WAIT_MS; this.send(); });
    $delivery.append(" ", $again);
  }

  get empty() {
    return !this.waiting.length;
  }
}
