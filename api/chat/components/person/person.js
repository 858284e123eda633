/* The page of a talk with a person: keeps it up to date and sends without waiting. The server renders every line, and
   each form works without this. It makes no sound, asks for no notice, and leaves the title as it is. */

import { Outbox } from "./outbox.js";
import { phrase } from "./phrase.js";
import { Stream } from "../stream/stream.js";

const ANNOUNCE_MS = 1500;
const PATIENCE_MS = 15000;

/** The page: puts in lines and parts that the server renders, and says each new line of others once. */
class PersonTalk {
  constructor($form) {
    this.$form = $form;
    this.$lines = document.getElementById("lines");
    this.$log = document.getElementById("new-messages");
    this.$told = document.getElementById("told");
    this.$box = document.getElementById("text");
    this.opened = Number($form.elements.after.value);
    this.last = Math.max(this.opened, ...[...this.$lines.querySelectorAll("[data-change]")].map(($line) => Number($line.dataset.change)));
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

  /** An address of this talk, with what the page's own form carries on: how it is read, its visit, and its frame. */
  to(step, asked = {}) {
    const own = new URL(this.$form.action);
    const query = new URLSearchParams({ ...Object.fromEntries(own.searchParams), ...asked }).toString();
    return new URL(step, own).pathname + (query && `?${query}`);
  }

  /** Where news of this talk come from, while there are any. */
  address() {
    const { here, chat } = this.$form.elements;
    return this.over ? null : this.to("stream", { here: here.value, chat: chat.value, after: this.last });
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
    const limit = window.setTimeout(() => giveUp.abort(), PATIENCE_MS);
    const body = new URLSearchParams(new FormData(this.$form));
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    try {
      const answer = await fetch(this.to(to), { method: "POST", headers: { "X-Fragment": "1" }, body, signal: giveUp.signal });
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
    window.setTimeout(() => $words.remove(), ANNOUNCE_MS);
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
    window.history.replaceState(null, "", this.to("talk", { here, chat: this.$form.elements.chat.value }));
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
