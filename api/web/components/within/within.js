/* A page inside another site: a few fixed words go between it and the page around, and never one that anybody typed.
   Without this, the page works as everywhere. */

const ASK_MS = 30000;
const ASK_PATIENCE_MS = 20000;

/** The page around. It is known once it has said a word of ours, from a site that the force has listed or from ours. */
class Around {
  constructor({ sites }) {
    this.sites = [...sites.split(" ").filter(Boolean), window.location.origin];
    this.origin = null;
    this.open = true;
    window.addEventListener("message", (event) => this.heard(event));
    window.addEventListener("keydown", (event) => this.pressing(event), true);
    window.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("leaving", (event) => this.leaving(event));
  }

  heard({ source, origin, data }) {
    const isAround = source === window.parent && window.parent !== window && this.sites.includes(origin);
    if (!isAround || data?.know !== 1 || !["hello", "focus", "rest"].includes(data.verb)) return;
    this.origin = origin;
    this.say("ready");
    this.open = data.verb !== "rest";
    if (!this.open) this.hush();
    if (data.verb === "focus") this.focus();
    document.dispatchEvent(new Event("around"));
  }

  say(verb) {
    if (this.origin) window.parent.postMessage({ know: 1, verb }, this.origin);
  }

  /** The page around leaves as a whole, and so much sooner. */
  leaving(event) {
    if (!this.origin) return;
    event.preventDefault();
    this.say("leave");
  }

  /** Escape leaves some sites, so they hear of it before anything here does. */
  pressing(event) {
    this.panel = document.querySelector(".word-panel");
    if (this.isEscape(event)) this.say("escape");
  }

  /** Escape that nothing here had a use for closes the chat, where it does not leave the site. */
  pressed(event) {
    const used = event.defaultPrevented || event.target.matches?.("select") || (this.panel && !this.panel.isConnected);
    if (this.isEscape(event) && !used) this.say("close");
  }

  isEscape(event) {
    return event.isTrusted && event.key === "Escape" && !event.repeat && !event.isComposing;
  }

  /** Who opens the chat is taken to where they were, else to its newest answer, else to its beginning. */
  focus() {
    window.focus();
    if (document.activeElement !== document.body) return;
    const begun = document.querySelectorAll(".answer").length > 1;
    const $one = document.querySelector(begun ? "#latest h3" : "h1");
    if (!$one) return;
    $one.tabIndex = -1;
    $one.focus({ preventScroll: true });
  }

  /** What is closed makes no sound. */
  hush() {
    document.querySelectorAll(".listen-now > [data-do=listen]").forEach(($stop) => $stop.click());
    document.querySelectorAll("audio, video").forEach(($player) => $player.pause());
  }
}

/** The door of the force: while it is shut its words stand in the place of the talk, and the box stays for danger. */
class Door {
  constructor(around, { force, open }) {
    this.around = around;
    this.force = force;
    this.was = open !== undefined;
    this.$talk = document.getElementById("talk");
    this.$main = document.getElementById("main");
    window.setInterval(() => this.look(), ASK_MS);
    document.addEventListener("around", () => { if (Date.now() - this.asked > ASK_MS) this.look(); });
    document.addEventListener("answered", () => this.open());
    this.asked = Date.now();
  }

  async look() {
    if (!this.around.open || document.visibilityState !== "visible") return;
    this.asked = Date.now();
    try {
      const answer = await this.get(`/widget/v1/${this.force}/door`);
      if (!answer.ok) return;
      const { open } = await answer.json();
      // A page that holds nothing typed is simply loaded again when the door has moved since it was made.
      if (!this.$talk) this.again(open);
      else if (open) this.open();
      else await this.shut();
    } catch {
      // Where nothing answers, nothing is known of the door.
    }
  }

  get(path) {
    return fetch(path, { signal: AbortSignal.timeout?.(ASK_PATIENCE_MS) });
  }

  again(open) {
    if (this.was !== open) window.location.reload();
  }

  async shut() {
    if (this.$shut) return;
    const answer = await this.get(`/${this.force}${window.location.search}`);
    // The door may have opened meanwhile.
    if (answer.status !== 503) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.$shut = document.createElement("div");
    this.$shut.className = "shut";
    this.$shut.append(...page.getElementById("main").childNodes);
    const wasIn = this.$main.contains(document.activeElement);
    this.$main.prepend(this.$shut);
    this.$main.classList.add("is-shut");
    document.dispatchEvent(new CustomEvent("say-once", { detail: [...this.$shut.querySelectorAll("h1, p")] }));
    const $heading = this.$shut.querySelector("h1");
    $heading.tabIndex = -1;
    if (wasIn) $heading.focus({ preventScroll: true });
    $heading.scrollIntoView({ block: "nearest" });
  }

  open() {
    this.$shut?.remove();
    this.$shut = null;
    this.$main.classList.remove("is-shut");
  }
}

const { dataset } = document.querySelector("script[data-module=within]");
const around = new Around(dataset);
// Here the start page is the chat of this force.
document.querySelectorAll(".foot > form + a[href^='/?']").forEach(($home) => { $home.href = `/${dataset.force}${$home.search}`; });
const path = `${window.location.pathname}/`;
if (path.startsWith(`/${dataset.force}/`) && !path.startsWith(`/${dataset.force}/person/`)) new Door(around, dataset);
