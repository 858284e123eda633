// docs/embedding.md
(() => {
  "use strict";

  const $tag = document.currentScript;
  const has = $tag ? $tag.dataset : {};
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(has.force || "") || customElements.get("know-widget")) return;

  const lang = has.lang === "cy" ? "cy" : "en";
  const words = {
    en: {
      ask: "Ask a question", police: "Questions about the police?", rights: "Know your rights",
      title: "Your questions and answers", close: "Close", opening: "One moment.", away: "The chat does not open now.",
      again: "Try again", danger: "In danger now? Call 999.",
      talk: "To talk to a person, call Childline on 0800 1111. It is free.",
    },
    cy: {
      ask: "Gofyn cwestiwn", police: "Cwestiynau am yr heddlu?", rights: "Dy hawliau di",
      title: "Dy gwestiynau a'r atebion", close: "Cau", opening: "Un eiliad.", away: "Dydy'r sgwrs ddim yn agor nawr.",
      again: "Tria eto", danger: "Mewn perygl nawr? Ffonia 999.",
      talk: "I siarad â pherson, ffonia Childline ar 0800 1111. Mae am ddim.",
    },
  }[lang];
  const look = `
:host{all:initial!important;position:fixed!important;z-index:2147483647!important}
:host::backdrop,[hidden],.gone>*{display:none!important}
section{font:1em/1.4 system-ui,sans-serif;color:#17233c;color-scheme:light}
section,.panel{position:fixed;right:1em;bottom:1em;max-width:calc(100% - 2em)}
.left,.left .panel{right:auto;left:1em}
.panel{box-sizing:border-box;bottom:calc(2em + 48px);width:26em;height:40em;max-height:calc(100% - 3em - 48px);display:flex;flex-direction:column;background:#fff7e8;border:2px solid;border-radius:.8em;overflow:hidden}
iframe{position:relative;flex:1;min-height:0;border:0}
button,a{display:block;min-height:44px;padding:.6em 0;font:inherit;font-weight:700;color:inherit;box-sizing:border-box}
button{padding:0 1.2em;background:#fff;border:2px solid;border-radius:1.6em;cursor:pointer}
.know{min-height:48px;border-color:#fff;box-shadow:0 2px 10px #0006}
.close{position:absolute;z-index:1;top:0;right:0;min-height:52px;background:#17233c;color:#fff;border:0;border-radius:0;text-decoration:underline}
.told{position:absolute;margin:60px 1.2em 0}
.away .told{position:static}
.lost iframe{display:none}
:focus-visible{outline:3px solid #17233c;box-shadow:0 0 0 3px #fff,0 0 0 7px #ffc53d}
.close:focus-visible{outline:3px solid #fff;outline-offset:-6px;box-shadow:none}
.gone{inset:0;max-width:none;background:#fff}
.full .know{display:none}
.full .panel{inset:0;transform-origin:0 0;width:100%;max-width:none;height:100%;max-height:none;border:0;border-radius:0}
@media print{:host{display:none!important}}`;

  const home = new URL($tag.src).origin;
  const phone = matchMedia("(max-width:639.9px),(max-height:479.9px)");
  const view = window.visualViewport;
  const heard = { open: [], close: [], leave: [] };

  function make(name, attributes, inside = [], press = null) {
    const $one = document.createElement(name);
    Object.keys(attributes).forEach((key) => $one.setAttribute(key, attributes[key]));
    $one.append(...inside);
    $one.onclick = press;
    return $one;
  }

  const tell = (name) => heard[name].forEach((listener) => queueMicrotask(listener));

  // WCAG, near enough.
  function wordsOn(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(colour.substr(at, 2), 16) / 255) ** 2.2);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
  }

  class Widget extends HTMLElement {
    build() {
      const $root = this.attachShadow({ mode: "open" });
      const colour = /^#[0-9a-f]{6}$/i.test(has.colour) ? has.colour : "#17324d";
      this.$know = make("button", { type: "button", class: "know", "aria-haspopup": "dialog", "aria-controls": "panel" },
        [/^(police|rights)$/.test(has.greeting) ? words[has.greeting] : words.ask], () => (this.shown ? this.close(true) : this.open(true)));
      this.$know.style.cssText = `background:${colour};color:${wordsOn(colour)}`;
      this.$close = make("button", { type: "button", class: "close" }, [words.close], () => this.close(true));
      this.$told = make("div", { class: "told", role: "status" });
      this.$panel = make("div", { id: "panel", role: "dialog", "aria-label": "In the Know", tabindex: -1 }, [this.$close, this.$told]);
      this.$all = make("section", { lang, "aria-label": "In the Know" }, [this.$know, this.$panel]);
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(look);
        $root.adoptedStyleSheets = [sheet];
      } catch (older) {
        $root.append(make("style", {}, [look]));
      }
      $root.append(this.$all);
      this.full = false;
      this.show(false);
      this.$all.addEventListener("keydown", (event) => event.key === "Escape" && this.escaped());
      window.addEventListener("message", (event) => this.message(event));
      [[phone, "change"], [view, "resize"], [view, "scroll"]].forEach(([one, name]) => one && one.addEventListener(name, () => this.fit()));
      document.documentElement.append(this);
      if (this.showPopover) {
        this.popover = "manual";
        this.showPopover();
      }
    }

    // Unpressed, the focus stays, and no phone is covered.
    open(pressed) {
      if (this.shown || (phone.matches && !pressed)) return;
      this.show(true);
      this.wanted = pressed;
      if (pressed) this.$panel.focus();
      if (this.$frame) this.say("hello");
      else this.start();
      this.enter();
      tell("open");
    }

    close(pressed) {
      if (!this.shown) return;
      const inside = pressed || document.activeElement === this;
      this.say("rest");
      this.show(false);
      if (inside) this.$know.focus();
      tell("close");
    }

    show(shown) {
      this.shown = shown;
      this.$panel.hidden = !shown;
      this.$all.className = `${has.position === "left" ? "left" : ""} ${shown ? "open" : ""}`;
      this.$know.setAttribute("aria-expanded", shown);
      this.fit();
    }

    // A phone shows nothing else.
    fit() {
      const { scale, width, height, offsetTop, offsetLeft } = view || {};
      const full = this.shown && (phone.matches || width * scale < 640);
      this.$all.classList.toggle("full", full);
      this.$panel.style.cssText = full && scale < 1.01 ? `width:${width * scale}px;height:${height * scale}px;transform:translate(${offsetLeft}px,${offsetTop}px) scale(${1 / scale})` : "";
      this.$panel.setAttribute("aria-modal", full);
      if (full !== this.full) document.body.inert = this.full = full;
    }

    start() {
      const query = new URLSearchParams({ within: has.force });
      ["card", "situation"].forEach((name) => has[name] && query.set(name, has[name]));
      if (this.$frame) this.$frame.remove();
      this.$frame = make("iframe", {
        title: words.title, referrerpolicy: "strict-origin", allow: "", src: `${home}/${has.force}?${query}`,
        sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
      });
      this.$frame.onload = () => {
        this.wait(2000, "away lost");
        this.say(this.shown ? "hello" : "rest");
      };
      this.told("", words.opening);
      this.$panel.append(this.$frame);
      this.wait(10000, "away");
    }

    wait(time, name) {
      this.ready = false;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.away(name), time);
    }

    away(name) {
      const call = (to, said) => make("a", { href: to }, [said]);
      const $again = make("button", { type: "button" }, [words.again], () => {
        this.$close.focus();
        this.start();
      });
      this.told(name, words.away, call("tel:999", words.danger), call("tel:08001111", words.talk), $again);
    }

    told(name, ...inside) {
      this.$panel.className = `panel ${name}`;
      this.$told.replaceChildren(...inside);
    }

    say(verb) {
      if (this.$frame) this.$frame.contentWindow.postMessage({ know: 1, verb }, home);
    }

    enter() {
      if (this.ready && this.shown && this.wanted && document.activeElement === this) {
        this.wanted = false;
        this.$frame.focus();
        this.say("focus");
      }
    }

    message({ source, origin, data }) {
      if (!this.$frame || source !== this.$frame.contentWindow || origin !== home || !data || data.know !== 1) return;
      const { verb } = data;
      if (verb === "ready" && !this.ready) {
        clearTimeout(this.timer);
        this.ready = true;
        this.told("");
        this.enter();
      }
      if (verb === "leave") this.leave();
      if (verb === "close") this.escaped();
      if (verb === "escape" && has.exitKey === "escape") this.relay();
    }

    escaped() {
      if (has.exitKey !== "escape") this.close(true);
    }

    relay() {
      ["keydown", "keyup"].forEach((name) => document.body.dispatchEvent(
        new KeyboardEvent(name, { key: "Escape", code: "Escape", keyCode: 27, bubbles: true, cancelable: true }),
      ));
    }

    leave() {
      this.$all.className = "gone";
      this.$frame.remove();
      const to = /^https:\/\/\w/.test(has.leaveTo) ? has.leaveTo : "https://www.bbc.co.uk/weather";
      try {
        if (top !== window) top.location.replace(to);
      } catch (refused) {}
      location.replace(to);
      tell("leave");
    }
  }

  customElements.define("know-widget", Widget);

  function begin() {
    const widget = new Widget();
    const before = window.knowWidget;
    const byPress = ({ isTrusted, type }) => isTrusted && /^(click|key)/.test(type);
    const acts = {
      open: () => widget.open(byPress(window.event || {})),
      close: () => widget.close(),
      on: (name, listener) => (heard[name] || []).push(listener),
      push: (...commands) => commands.forEach(([name, ...rest]) => acts[name] && acts[name](...rest)),
    };
    widget.build();
    window.knowWidget = acts;
    if (Array.isArray(before)) acts.push(...before);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
