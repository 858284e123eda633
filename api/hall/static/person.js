/* The page of a talk with a person: keeps it up to date and sends without waiting. The server renders every line, and
   each form works without this. It makes no sound, asks for no notice, and leaves the title as it is. */
"use strict";

const TALK = {
  announceMs: 1500,
  patienceMs: 15000,
  waitMs: 1000,
  longestWaitMs: 20000,
};

/** One sentence of the page, as the server has it in this page's language. */
function phrase(name) {
  return [...document.querySelector(`#phrases [data-say="${name}"]`).cloneNode(true).childNodes];
}

/** What the child sends, in order: each waits until the server has it, and is sent again under the same name. */
class Outbox {
  constructor(talk) {
    this.talk = talk;
    this.waiting = [];
    this.busy = false;
    this.wait = TALK.waitMs;
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
      this.wait = TALK.waitMs;
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
    this.wait = Math.min(this.wait * 2, TALK.longestWaitMs);
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
    $again.addEventListener("click", () => { this.wait = TALK.waitMs; this.send(); });
    $delivery.append(" ", $again);
  }

  get empty() {
    return !this.waiting.length;
  }
}

/** The page: puts in lines and parts that the server renders, and says each new line of others once. */
class PersonTalk {
  constructor($form) {
    this.$form = $form;
    this.path = $form.dataset.path;
    this.$lines = document.getElementById("lines");
    this.$log = document.getElementById("new-messages");
    this.$told = document.getElementById("told");
    this.$box = document.getElementById("text");
    this.opened = Number($form.elements.after.value);
    this.last = Math.max(this.opened, ...this.changes(this.$lines));
    this.over = this.state() === "closed";
    // The parts as the server had them, by name: on the page they change by being used.
    this.served = new Map();
    this.outbox = new Outbox(this);
    document.querySelectorAll("[data-plain]").forEach(($plain) => { $plain.hidden = true; });
    if (!this.over) for (const id of ["box", "composer"]) document.getElementById(id).hidden = false;
    document.addEventListener("submit", (event) => this.submitted(event));
    this.$box.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
    window.addEventListener("pagehide", (event) => { if (event.persisted) this.wipe(); });
    this.handle($form.elements.here.value);
    this.stream = new Stream(this);
    this.stream.open();
  }

  /** Where news of this talk come from, while there are any. */
  address() {
    const { here, chat } = this.$form.elements;
    return this.over ? null : `${this.path}/stream?${new URLSearchParams({ here: here.value, chat: chat.value, after: this.last })}`;
  }

  get heard() {
    return {
      line: (html) => this.line(html),
      status: (html) => this.take(new DOMParser().parseFromString(html, "text/html"), {}),
      handle: (here) => this.handle(here),
      away: () => { this.connection("away"); this.help(); },
      stale: () => this.slept(),
      closed: () => this.closed(),
    };
  }

  connected() {
    this.connection();
    this.outbox.send();
  }

  lost() {
    this.connection("line-lost");
  }

  submitted(event) {
    const $button = event.submitter;
    if (event.target !== this.$form || !$button) return;
    if ($button.name === "") {
      event.preventDefault();
      this.say();
    } else if (["to_level", "read", "face"].includes($button.name) || ["show", "wait"].includes($button.value)) {
      event.preventDefault();
      this.press($button);
    }
  }

  /** Enter sends where there is a keyboard; on a phone it makes a new line, as the button is near. */
  key(event) {
    const plain = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!plain || !window.matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    this.say();
  }

  say() {
    const text = this.$box.value;
    if (this.over || this.$box.readOnly) return;
    if (!text.trim()) {
      this.tell("empty");
      return;
    }
    this.tell();
    this.$box.value = "";
    this.outbox.add(text);
  }

  async press($button) {
    const after = $button.value === "show" ? 0 : this.opened;
    const answer = await this.post("do", { [$button.name]: $button.value, text: "", after });
    if (!answer) {
      this.tell("not-done");
      return;
    }
    if (!answer.page.getElementById("page")) {
      this.slept();
      return;
    }
    if ($button.value === "show") this.opened = this.$form.elements.after.value = 0;
    this.take(answer.page, { all: true });
    this.tellNodes($button.value === "show" ? phrase("shown") : [...answer.page.getElementById("told").childNodes]);
    if ($button.name === "read") this.focus(document.getElementById("read-card") ?? document.getElementById("read-on"));
    this.stream.open();
  }

  /** The answer as a page, or nothing when there was none. A redirect is where the child must go. */
  async post(to, fields) {
    const giveUp = new AbortController();
    const limit = window.setTimeout(() => giveUp.abort(), TALK.patienceMs);
    const body = new URLSearchParams(new FormData(this.$form));
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    try {
      const answer = await fetch(`${this.path}/${to}`, {
        method: "POST", headers: { "X-Fragment": "1" }, body, signal: giveUp.signal,
      });
      if (answer.redirected) window.location.replace(answer.url);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return { ok: answer.ok, status: answer.status, page };
    } catch {
      return null;
    } finally {
      window.clearTimeout(limit);
    }
  }

  /** Takes what differs from a page that the server rendered: its parts, its lines and its handle. */
  take($page, { announce = false, all = false }) {
    for (const $new of $page.querySelectorAll("[data-part]")) {
      // How many messages are not shown is counted from where this page was opened, so only a press changes it.
      if ($new.id !== "before" || all) this.swap($new);
    }
    for (const $line of $page.querySelectorAll("#lines > [data-number]")) this.place($line, { announce, all });
    const $pinned = $page.getElementById("pinned");
    if ($pinned && !$pinned.hidden) this.help();
    const $here = $page.querySelector("#page [name=here]");
    if ($here) {
      this.$form.elements.chat.value = $page.querySelector("#page [name=chat]").value;
      this.level($page);
      this.handle($here.value);
    }
    if (this.state() === "closed") this.closed();
  }

  /** What the server says again stays as it stands: opened, held and pressed as the child has it. */
  swap($new) {
    const $old = document.getElementById($new.id);
    if (!$old) return;
    if ($new.dataset.state) $old.dataset.state = $new.dataset.state;
    const html = $new.innerHTML.trim();
    if ((this.served.get($new.id) ?? $old.innerHTML.trim()) === html) return;
    this.served.set($new.id, html);
    const $held = $old.contains(document.activeElement) ? document.activeElement : null;
    const open = $old.querySelector("details")?.open;
    $old.replaceChildren(...$new.childNodes);
    if (open && $old.querySelector("details")) $old.querySelector("details").open = true;
    if ($held) this.hold($old, $held);
  }

  /** Whoever stands on a button or a heading stays on it when its part is put in anew. */
  hold($part, $held) {
    const isSame = ($one) => ($held.id ? $one.id === $held.id : $one.name === $held.name && $one.value === $held.value);
    this.focus([...$part.querySelectorAll("button, [id]")].find(isSame) ?? document.querySelector("h1"));
  }

  line(html) {
    const $page = new DOMParser().parseFromString(html, "text/html");
    for (const $line of $page.querySelectorAll("[data-number]")) this.place($line, { announce: true });
  }

  place($line, { announce = false, all = false }) {
    const number = Number($line.dataset.number);
    const change = Number($line.dataset.change);
    const $known = this.$lines.querySelector(`[data-number="${number}"]`);
    this.last = Math.max(this.last, change);
    if ($known && Number($known.dataset.change) >= change && !all) return;
    const follows = this.atEnd();
    if ($line.dataset.once) this.outbox.arrived($line.dataset.once);
    if ($known) $known.replaceWith($line);
    else this.$lines.insertBefore($line, this.after(number));
    if (announce && !$line.classList.contains("said")) this.announce($line);
    if (announce && follows) $line.scrollIntoView({ block: "nearest" });
  }

  after(number) {
    return [...this.$lines.children].find(($one) => !Number($one.dataset.number) || Number($one.dataset.number) > number) ?? null;
  }

  atEnd() {
    const $last = this.$lines.lastElementChild;
    return !$last || $last.getBoundingClientRect().top < window.innerHeight;
  }

  announce($line) {
    const $words = document.createElement("p");
    $words.textContent = [...$line.querySelectorAll("h3, .line-words, .bubble-words")].map(($one) => $one.textContent.trim()).join(". ")
      || $line.textContent.trim();
    this.$log.append($words);
    window.setTimeout(() => $words.remove(), TALK.announceMs);
  }

  changes($part) {
    return [...$part.querySelectorAll("[data-change]")].map(($line) => Number($line.dataset.change));
  }

  level($page) {
    for (const $new of $page.querySelectorAll(".levels button")) {
      const $old = document.querySelector(`.levels button[value="${$new.value}"]`);
      $old.setAttribute("aria-pressed", $new.getAttribute("aria-pressed"));
    }
  }

  /** The newest handle stands in every form, and in the address, which then shows nothing when it is opened again. */
  handle(here) {
    document.querySelectorAll("input[name=here]").forEach(($input) => { $input.value = here; });
    const query = new URLSearchParams({ here, chat: this.$form.elements.chat.value });
    window.history.replaceState(null, "", `${this.path}/talk?${query}`);
  }

  state() {
    return document.getElementById("news").dataset.state;
  }

  tell(name) {
    this.tellNodes(name ? phrase(name) : []);
  }

  tellNodes(nodes) {
    this.$told.replaceChildren(...nodes);
    if (nodes.length) this.$box.setAttribute("aria-describedby", "told");
    else this.$box.removeAttribute("aria-describedby");
  }

  /** Whether there is a connection, apart from what is said of a message. */
  connection(name) {
    const $state = document.getElementById("connection");
    if (($state.dataset.now ?? "") === (name ?? "")) return;
    $state.dataset.now = name ?? "";
    $state.replaceChildren(...(name ? phrase(name) : []));
  }

  help() {
    document.getElementById("pinned").hidden = false;
    if (!this.$form.elements.rung) {
      const $rung = document.createElement("input");
      Object.assign($rung, { type: "hidden", name: "rung", value: "1" });
      this.$form.append($rung);
    }
  }

  /** Closed: nothing more is sent. What was not sent stays in the box, and the page says so. */
  closed() {
    if (this.over) return;
    this.over = true;
    this.stream?.close();
    this.connection();
    const kept = this.$box.value.trim() || !this.outbox.empty;
    if (kept) this.tell("over");
    this.shut(kept);
  }

  /** Nothing can be written any more; what stands in the box can still be copied, and pinned help stays. */
  shut(kept) {
    this.$box.readOnly = true;
    document.querySelectorAll("#send, .over-box .link").forEach(($button) => $button.remove());
    document.getElementById("box").hidden = !kept;
    document.getElementById("composer").hidden = !kept && document.getElementById("pinned").hidden;
  }

  /** Not its page any more: what was said goes from the screen, what was typed stays, and the three words lead back. */
  slept() {
    if (this.gone) return;
    this.gone = this.over = true;
    this.stream.close();
    this.connection();
    this.$box.value = [...this.outbox.emptied(), this.$box.value].filter(Boolean).join("\n");
    document.querySelector("#who span").replaceChildren(...phrase("shut"));
    document.querySelector("main").replaceChildren(document.getElementById("slept").content.cloneNode(true));
    this.shut(this.$box.value.trim());
    this.focus(document.getElementById("slept-heading"));
  }

  wipe() {
    this.$lines.replaceChildren();
    this.$box.value = "";
  }

  focus($one) {
    if (!$one) return;
    if ($one.tabIndex < 0) $one.tabIndex = -1;
    $one.focus({ preventScroll: false });
  }
}

const $talkForm = document.querySelector("[data-module=person-talk]");
if ($talkForm) new PersonTalk($talkForm);
