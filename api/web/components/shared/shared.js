/* A screen that others use too: asks one minute before the page clears, and clears it when nobody answers. Any press or
   key goes on, as often as somebody likes. Without this, the page clears by itself too, and says so. */

import { end } from "../frame/leave.js";

const MINUTE_MS = 60000;

/** The bar of a shared screen. It counts from the last press, also while the device sleeps. */
class Shared {
  constructor($root) {
    this.$form = $root.querySelector("form");
    this.first = $root.dataset.first;
    this.$warning = $root.querySelector("[role=status]");
    this.$asks = $root.querySelector("template");
    this.patience = Number($root.dataset.minutes) * MINUTE_MS;
    for (const sign of ["pointerdown", "keydown", "wheel", "touchmove"]) {
      document.addEventListener(sign, () => this.here(), { capture: true, passive: true });
    }
    document.addEventListener("visibilitychange", () => this.look());
    this.$form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.clear();
    });
    this.here();
  }

  /** Somebody is there. */
  here() {
    if (this.cleared) return;
    // A press after the time has passed, as when the device slept, is of whoever comes next.
    if (this.last && Date.now() - this.last >= this.patience) {
      this.clear();
      return;
    }
    this.last = Date.now();
    this.$warning.replaceChildren();
    this.wait();
  }

  wait() {
    window.clearTimeout(this.timer);
    const quiet = Date.now() - this.last;
    const next = quiet < this.patience - MINUTE_MS ? this.patience - MINUTE_MS : this.patience;
    this.timer = window.setTimeout(() => this.look(), next - quiet);
  }

  look() {
    if (this.cleared) return;
    const quiet = Date.now() - this.last;
    if (quiet >= this.patience) {
      this.clear();
      return;
    }
    if (quiet >= this.patience - MINUTE_MS && !this.$warning.hasChildNodes()) {
      this.$warning.append(this.$asks.content.cloneNode(true));
    }
    this.wait();
  }

  clear() {
    this.cleared = true;
    end(this.$form);
    window.location.replace(this.first);
  }
}

document.querySelectorAll("[data-module=shared]").forEach(($root) => new Shared($root));
