// Reads an answer aloud when its button is pressed, and marks the word being read. Never by itself, never a child's words.

import { DeviceVoice, ServerSound } from "./voices.js";

const MARK = "reading-word";
// Between two words that follow each other stand only spaces; what is further off is another word.
const NEAR = 200;
const OPUS = "audio/ogg; codecs=opus";
const SKIPPED = ".unseen, .meaning, .beside-answer, summary, template, [hidden]";

/** The words of an answer where the page shows them: ranges over its text, by sentence and word. */
class ShownWords {
  constructor($answer, sentences) {
    this.places = [];
    let text = "";
    const walker = document.createTreeWalker($answer, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const $parent = walker.currentNode.parentElement;
      if (!$parent.closest("h3, .bubble-words") || $parent.closest(SKIPPED)) continue;
      this.places.push({ at: text.length, node: walker.currentNode });
      text += walker.currentNode.data.replace(/\s/g, " ");
    }
    let from = 0;
    this.ranges = sentences.map(({ words }) => words.map((word) => {
      const at = text.indexOf(word.replace(/\s/g, " "), from);
      if (at < 0 || at - from > NEAR) return null;
      from = at + word.length;
      return this.range(at, from);
    }));
  }

  range(start, end) {
    const range = new Range();
    const first = this.places.findLast(({ at }) => at <= start);
    const last = this.places.findLast(({ at }) => at < end);
    range.setStart(first.node, start - first.at);
    range.setEnd(last.node, end - last.at);
    return range;
  }
}

/** The button of one answer, and what stands under it once it was pressed. */
class Listen {
  static all = new Set();
  static rate = 1;

  constructor($root) {
    this.$root = $root;
    this.$answer = $root.closest(".answer");
    this.$audio = $root.querySelector("audio");
    this.sentences = [];
    $root.append($root.querySelector("template").content.cloneNode(true));
    $root.querySelector("details").hidden = true;
    this.$ways = $root.querySelector(".listen-ways");
    $root.addEventListener("click", (event) => this.pressed(event.target.closest("[data-do]")));
    Listen.all.add(this);
    this.offer();
  }

  /** Shows the button where something can read: the server's sound, or a voice of this device. */
  offer() {
    this.served = !("silent" in this.$root.dataset) && this.$audio.canPlayType(OPUS) !== "";
    this.$root.hidden = !this.served && !DeviceVoice.of(this.$root.dataset.language);
  }

  pressed($button) {
    const act = $button?.dataset.do;
    if (act === "listen" && this.playing) this.pause();
    else if (act === "listen") this.play();
    if (act === "before") this.step(-1);
    if (act === "after") this.step(1);
    if (act === "speed") this.speed(Number($button.value));
  }

  async play() {
    Listen.all.forEach((other) => other.pause());
    this.show(true);
    // Asked for in the press itself, since some browsers let nothing sound later.
    const sounding = this.served && (this.player ??= new ServerSound(this.$audio, () => this.pause())).play(Listen.rate);
    try {
      await this.read();
      if (sounding) await sounding;
      else await this.speak();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.served = false;
      this.player = null;
      if (this.playing) await this.speak();
    }
    this.follow();
  }

  async read() {
    if (this.sentences.length) return;
    const answer = await fetch(`${this.$root.dataset.sound}.json`);
    if (!answer.ok) return;
    const { by, sentences } = await answer.json();
    this.sentences = sentences;
    this.shown = new ShownWords(this.$answer, sentences);
    this.$ways.querySelectorAll("[data-by]").forEach(($by) => { $by.hidden = $by.dataset.by !== (by ?? "computer"); });
  }

  async speak() {
    const voice = DeviceVoice.of(this.$root.dataset.language);
    if (!voice || !this.sentences.length) {
      this.pause();
      this.$root.hidden = true;
      return;
    }
    this.player ??= new DeviceVoice(voice, this.sentences, () => this.pause());
    if (this.playing) await this.player.play(Listen.rate);
  }

  pause() {
    if (!this.playing) return;
    this.player?.pause();
    this.show(false);
    CSS.highlights?.delete(MARK);
  }

  show(playing) {
    this.playing = playing;
    this.$root.classList.toggle("listen-now", playing);
    const [$listen, $pause] = this.$root.querySelectorAll("[data-do=listen] > span");
    $listen.hidden = playing;
    $pause.hidden = !playing;
    if (playing) this.$ways.hidden = false;
  }

  step(by) {
    const place = this.player?.place(this.sentences);
    if (!place) return;
    const sentence = Math.min(Math.max(place[0] + by, 0), this.sentences.length - 1);
    this.player.go(this.sentences, sentence);
    if (this.playing) this.player.play(Listen.rate);
    else this.play();
  }

  speed(rate) {
    Listen.rate = rate;
    Listen.all.forEach((one) => one.$ways.querySelectorAll("[data-do=speed]").forEach(($button) => {
      $button.setAttribute("aria-pressed", String(Number($button.value) === rate));
    }));
    if (this.playing) this.player?.play(rate);
  }

  /** Marks what sounds now, for as long as it does and the page still shows it. */
  follow() {
    if (!this.playing) return;
    if (!this.$root.isConnected) {
      this.pause();
      return;
    }
    const place = this.player.place(this.sentences);
    if (place && this.shown && String(place) !== this.marked) this.mark(place);
    window.requestAnimationFrame(() => this.follow());
  }

  mark([sentence, word]) {
    const words = this.shown.ranges[sentence].filter(Boolean);
    const ranges = word === null ? words : [this.shown.ranges[sentence][word]].filter(Boolean);
    this.marked = String([sentence, word]);
    if (ranges.length && CSS.highlights) CSS.highlights.set(MARK, new Highlight(...ranges));
    if (sentence === this.sentence || !words.length) return;
    this.sentence = sentence;
    this.reveal(words[0]);
  }

  /** What is read is shown: ideas that wait for Next, and words below the edge while the reader has not gone elsewhere. */
  reveal(range) {
    let $hiding = range.startContainer.parentElement.closest("details:not([open])");
    for (; $hiding; $hiding = $hiding.closest("details:not([open])")) {
      // Whoever listens stays where they are, and is told nothing besides.
      $hiding.dataset.read = "";
      $hiding.open = true;
    }
    const $words = range.startContainer.parentElement;
    if (!this.$at || onScreen(this.$at)) $words.scrollIntoView({ block: "nearest" });
    this.$at = $words;
  }
}

function onScreen($one) {
  const { top, bottom } = $one.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

function listenIn($part) {
  $part.querySelectorAll("[data-module=listen]").forEach(($root) => new Listen($root));
}

function hush() {
  Listen.all.forEach((one) => one.pause());
}

listenIn(document);
document.addEventListener("answered", (event) => { hush(); listenIn(event.detail); });
document.addEventListener("submit", hush, true);
window.addEventListener("pagehide", hush);
// Some browsers know their voices only after a while.
window.speechSynthesis?.addEventListener("voiceschanged", () => Listen.all.forEach((one) => one.offer()));
