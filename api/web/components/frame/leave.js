// Makes leaving quick on every page; without this, the form of the page leaves too.

const SHIFT = { presses: 3, withinMs: 5000 };
// The page around a frame covers itself and goes, frame and all, well before this.
const AROUND_MS = 500;
const NO_TEXT = ["hidden", "radio", "checkbox", "range", "submit", "button"];

/** Covers the page, and takes everything of it away: what is on it, what is on its way, and what its address says. */
function wipe() {
  const cover = document.createElement("div");
  cover.className = "cover";
  document.body.replaceChildren(cover);
}

/** Leaves at once: covers the page, forgets, tells the server without waiting, and replaces this page. */
class Leave {
  constructor($root) {
    this.$root = $root;
    $root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.go();
    });
  }

  go() {
    end(this.$root);
    away(this.$root.dataset.to);
  }
}

/** Whatever runs is stopped, and whatever may be stored is deleted; in a closed frame the browser refuses the second. */
function forget() {
  // What ends when a page goes, such as the stream of a talk, ends now.
  window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
  window.stop();
  try {
    window.history.replaceState(null, "", "/");
    window.sessionStorage.clear();
    window.localStorage.clear();
    window.caches?.keys().then((names) => names.forEach((name) => window.caches.delete(name)), () => {});
  } catch {
    // Such a frame has no address of ours and nothing stored.
  }
}

/** Covers, forgets, and tells the server without waiting. What the form holds ends this visit, so it is read before it is gone. */
export function end($form) {
  const body = new URLSearchParams(new FormData($form));
  wipe();
  forget();
  fetch($form.action, { method: "POST", keepalive: true, redirect: "manual", body }).catch(() => {});
}

/** Inside another site's page that page goes too: by itself when it knows how, else where the browser lets us. */
function away(to) {
  const alone = document.dispatchEvent(new Event("leaving", { cancelable: true }));
  if (alone) replace(to);
  else window.setTimeout(() => replace(to), AROUND_MS);
}

function replace(to) {
  try {
    if (window.top !== window) window.top.location.replace(to);
  } catch {
    // The frame may not move its page.
  }
  window.location.replace(to);
}

/** Shift three times leaves as well: on a keyboard that one can touch, and never where somebody is writing. */
class ThreeShifts {
  constructor(leave) {
    this.leave = leave;
    this.presses = [];
    this.alone = false;
    document.addEventListener("keydown", (event) => this.down(event), true);
    document.addEventListener("keyup", (event) => this.up(event), true);
    document.addEventListener("pointerdown", () => this.begin(), true);
  }

  begin() {
    this.presses = [];
    this.alone = false;
  }

  down(event) {
    if (!this.counts(event) || event.repeat) this.begin();
    else this.alone = true;
  }

  up(event) {
    if (!this.counts(event) || !this.alone) return;
    this.alone = false;
    this.presses = [...this.presses, event.timeStamp].filter((at) => event.timeStamp - at < SHIFT.withinMs);
    if (this.presses.length >= SHIFT.presses) this.leave.go();
  }

  counts(event) {
    // A keyboard on the glass gives no code, or gives one only while it is up for a box: there Shift is for writing.
    const isKey = event.isTrusted && event.key === "Shift" && /^Shift(Left|Right)$/.test(event.code) && !event.isComposing;
    const onGlass = inBox(document.activeElement) && window.matchMedia("(pointer: coarse)").matches;
    return isKey && !event.ctrlKey && !event.altKey && !event.metaKey && !onGlass && !anyText();
  }
}

function inBox($one) {
  return Boolean($one) && ($one.matches("textarea") || ($one.matches("input") && !NO_TEXT.includes($one.type)));
}

function anyText() {
  return [...document.querySelectorAll("input, textarea")].some(($one) => inBox($one) && $one.value !== "");
}

/** The bar with the way to leave stays in view, however a page is pinched or pushed up by a keyboard on the glass. */
class InView {
  constructor($bar) {
    this.$bar = $bar;
    ["resize", "scroll"].forEach((name) => window.visualViewport?.addEventListener(name, () => this.put(window.visualViewport)));
  }

  put({ offsetLeft, offsetTop, scale }) {
    const isMoved = scale > 1.01 || offsetTop > 1 || offsetLeft > 1;
    this.$bar.style.transform = isMoved ? `translate(${offsetLeft}px, ${offsetTop}px) scale(${1 / scale})` : "";
  }
}

/** Back: a page that the browser has kept shows nothing of before, and the talk shows its last answer again. */
class Back {
  constructor() {
    window.addEventListener("pagehide", (event) => { if (event.persisted) wipe(); });
    window.addEventListener("pageshow", (event) => { if (event.persisted) this.again(); });
    document.addEventListener("answered", (event) => this.mark(event.detail.dataset.token));
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") this.again(true);
  }

  /** The place in the talk is kept with the step of the history, where no list of pages shows it. */
  mark(token) {
    if (token) window.history.replaceState({ chat: token }, "");
  }

  again(loaded = false) {
    const token = window.history.state?.chat;
    if (token) {
      const query = new URLSearchParams(window.location.search);
      query.set("chat", token);
      window.history.replaceState(null, "");
      window.location.replace(`${window.location.pathname}?${query}#latest`);
    } else if (!loaded) {
      window.location.reload();
    }
  }
}

document.querySelectorAll("[data-module=leave]").forEach(($root) => {
  new ThreeShifts(new Leave($root));
  new Back();
  new InView($root.closest(".top"));
});
